// IndexedDB with promises. A transaction ends when nothing is asked of it: whoever uses one does all other waiting before.
import { Failure } from './failure.js';

const NAME = 'symbolon-wallet';
/** Steps by which the stores came to be what they are. One that was released is never changed. */
const steps = [
  (database) => {
    database.createObjectStore('vault');
    database.createObjectStore('copies');
  },
];

function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** What the browser said, as one of the codes. */
function failure(error) {
  if (error instanceof Failure) return error;
  switch (error?.name) {
    case 'QuotaExceededError': return new Failure('storage-full');
    case 'VersionError': return new Failure('vault-newer');
    default: return new Failure('storage-unavailable', { what: String(error?.name ?? error) });
  }
}

export class Database {
  #database = null;

  async #opened() {
    if (this.#database) return this.#database;
    try {
      const request = indexedDB.open(NAME, steps.length);
      request.onupgradeneeded = (event) => {
        for (const step of steps.slice(event.oldVersion)) step(request.result);
      };
      this.#database = await answered(request);
    } catch (error) {
      throw failure(error);
    }
    const forget = () => { this.#database = null; };
    this.#database.onclose = forget;
    this.#database.onversionchange = () => this.close();
    return this.#database;
  }

  close() {
    this.#database?.close();
    this.#database = null;
  }

  /**
   * Runs `body(get, put, remove)` in one transaction; `get` gives a promise, what is thrown undoes everything. A change is on the disk when this returns.
   * `body` awaits nothing but `get`.
   */
  async #transaction(mode, body) {
    const database = await this.#opened();
    try {
      const transaction = database.transaction(['vault', 'copies'], mode, { durability: 'strict' });
      const ended = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
      });
      // It is waited for below; until then a failure of it is not one that nobody looks after.
      ended.catch(() => {});
      let result;
      try {
        result = await body(
          (store, key) => answered(transaction.objectStore(store).get(key)),
          (store, key, value) => { transaction.objectStore(store).put(value, key); },
          (store, key) => { transaction.objectStore(store).delete(key); });
      } catch (error) {
        try { transaction.abort(); } catch { /* It has ended by itself. */ }
        throw error;
      }
      await ended;
      return result;
    } catch (error) {
      throw failure(error);
    }
  }

  async change(body) {
    return this.#transaction('readwrite', body);
  }

  async read(body) {
    return this.#transaction('readonly', body);
  }

  /** Deletes all of it; other tabs close theirs. */
  async delete() {
    this.close();
    try { await answered(indexedDB.deleteDatabase(NAME)); } catch (error) { throw failure(error); }
  }
}
