// The page's end of the worker that holds the wallet.
import { files } from './files.js';
import { trustedScript } from './trusted.js';

/** What the worker refuses, as the page has it: a stable code, and what is told with it. */
export class Refused extends Error {
  constructor({ code, ...detail }) {
    super(code);
    this.code = code;
    this.detail = detail;
  }
}

export class Wallet {
  #address = null;
  #worker = null;
  #waiting = new Map();
  #next = 1;
  /** Whether this tab may work with the wallet. */
  #mayRun = false;
  /** The key with which the next worker opens the wallet again; the browser does not give it out. */
  #sessionKey = null;

  /** Fetches the worker's code and starts it. */
  async start() {
    this.#mayRun = true;
    if (!this.#address) {
      const response = await fetch(files.worker.url, { integrity: files.worker.integrity });
      if (!response.ok) throw new Refused({ code: 'module-unavailable' });
      // The type is said here, not by the server: the bytes are what was meant.
      this.#address = URL.createObjectURL(new Blob([await response.arrayBuffer()], { type: 'text/javascript' }));
    }
    this.#worker = new Worker(trustedScript(this.#address));
    this.#worker.onmessage = ({ data }) => this.#hear(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.stop('internal-error');
    };
    const module = { url: new URL(files.module.url, document.baseURI).href, integrity: files.module.integrity };
    await this.ask('start', { module, key: this.#sessionKey });
  }

  #hear({ id, ok, error, progress }) {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    if (progress) return waiting.progress?.(progress);
    this.#waiting.delete(id);
    if (error) {
      if (error.code === 'locked') this.#sessionKey = null;
      waiting.reject(new Refused(error));
      // The module gave up: the next question goes to another worker, which opens what is on the disk.
      if (error.code === 'core-failed') this.stop(error.code);
    } else {
      if (ok?.sessionKey !== undefined) this.#sessionKey = ok.sessionKey;
      waiting.resolve(ok);
    }
  }

  /** Locks or deletes the wallet, and ends the worker: nothing of what it had in memory stays. */
  async close(op) {
    await this.ask(op);
    this.#sessionKey = null;
    this.stop();
  }

  /** Asks for something; throws `Refused`. `progress` hears how far it is. */
  async ask(op, args = {}, { progress = null, transfer = [] } = {}) {
    if (!this.#mayRun) throw new Refused({ code: 'elsewhere' });
    if (!this.#worker) await this.start();
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      this.#waiting.set(id, { resolve, reject, progress });
      this.#worker.postMessage({ id, op, args }, transfer);
    });
  }

  /** Ends the worker at once, whatever it does; what it was asked fails with the code. */
  stop(code = 'cancelled') {
    if (code === 'elsewhere') this.#mayRun = false;
    this.#worker?.terminate();
    this.#worker = null;
    for (const { reject } of this.#waiting.values()) reject(new Refused({ code }));
    this.#waiting.clear();
  }

  /** Ends what the worker does and starts another, in which the wallet is as open as it was. */
  async cancel() {
    this.stop();
    await this.start();
  }
}
