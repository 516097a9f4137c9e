// What the wallet remembers of others: who asked, and in its history what was answered and what was not. It stays there: who asked is told nothing of it.
import { Failure } from './failure.js';

/** Nothing was decided: the network, a service that is busy or broken, this browser. The same may go well in a moment. */
const undecided = /^(service-|http-|answer-|busy$|too-many-|store-unavailable$|shutting-down$|timeout$|locked$|core-|call-|vault-|storage-|module-|browser-|root-mismatch$)/;
/** What is kept of an error beside its code, to say it in words again. */
const details = ['reason', 'until', 'before'];
/** Seconds in which the same refusal again is the same: a page that is loaded anew. */
const sameFor = 600;

/** Who refused, and why, as a history keeps it; null when an error is no refusal. */
function refusalOf(error) {
  if (typeof error?.code !== 'string' || undecided.test(error.code)) return null;
  const kept = Object.fromEntries(details.filter((name) => error.detail?.[name] !== undefined).map((name) => [name, error.detail[name]]));
  return { result: 'refused', by: error.detail?.refusedBy === 'service' ? 'service' : 'wallet', code: error.code, ...kept };
}

export class Notes {
  #vault;
  #log;
  #now;

  constructor({ vault, log, now }) {
    [this.#vault, this.#log, this.#now] = [vault, log, now];
  }

  /** What was seen first of each audience. */
  audiences() {
    const engine = this.#log.data.engine ??= {};
    return engine.audiences ??= {};
  }

  /** Runs something that answers somebody, and notes why it did not. `body` fills in whom it is about. */
  async noting(about, body) {
    try { return await body(about); } catch (error) {
      const refusal = refusalOf(error);
      // What could not be noted as well changes nothing about it.
      if (refusal) await this.note({ ...about, ...refusal }).catch(() => {});
      throw error;
    }
  }

  /** An entry of the history; a refusal that was noted a moment ago is not noted again. */
  async note(entry) {
    const time = this.#now();
    const [last] = this.#vault.history();
    if (entry.result === 'refused' && last && time - last.time < sameFor && Object.entries(entry).every(([name, value]) => last[name] === value)) return;
    await this.#vault.remember({ time, ...entry });
  }

  /** The wallet would refuse, or did: for the reason of this code. */
  refused(about, code) { return this.note({ ...about, ...refusalOf(new Failure(code)) }); }
}
