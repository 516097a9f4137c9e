// Tabs take turns: one holds the wallet, so that no two write.
const NAME = 'symbolon-wallet';
/** Milliseconds that a tab has to give the wallet away before it is taken. */
const patience = 3000;

/** `taken`: called when another tab took the wallet. */
export class Turn {
  #release = null;
  #channel = new BroadcastChannel(NAME);
  #taken;

  constructor(taken) {
    this.#taken = taken;
    this.#channel.onmessage = ({ data }) => {
      if (data === 'give' && this.#release) this.#lose();
    };
  }

  get isMine() { return this.#release !== null; }

  #lose() {
    const release = this.#release;
    this.#release = null;
    // First its worker ends, then the other tab may begin.
    this.#taken();
    release?.();
  }

  /** Takes the turn if it is free; returns whether it was. */
  async take() {
    return this.isMine || this.#request({ ifAvailable: true });
  }

  /** Asks the tab that has the turn for it, and takes it when there is no answer. */
  async takeOver() {
    const asked = this.#request({ signal: AbortSignal.timeout(patience) });
    this.#channel.postMessage('give');
    return await asked.catch(() => false) || this.#request({ steal: true });
  }

  #request(options) {
    return new Promise((resolve, reject) => {
      navigator.locks.request(NAME, options, (lock) => {
        if (!lock) return resolve(false);
        const held = new Promise((release) => { this.#release = release; });
        resolve(true);
        return held;
      }).catch((error) => {
        // Stolen while it was held, or not got in time.
        if (this.#release) this.#lose();
        reject(error);
      });
    });
  }

  /** Gives the turn back. */
  leave() {
    const release = this.#release;
    this.#release = null;
    release?.();
  }
}
