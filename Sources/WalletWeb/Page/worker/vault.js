// What the wallet keeps in this browser. All of it is encrypted under one random data key, which lies there wrapped: under the passphrase, and under each passkey.
import { Database } from './database.js';
import { Failure } from './failure.js';
import { freshDataKey, greatestRounds, open, passkeyKey, passphraseKey, randomBytes, seal, standardRounds, unwrap, wrap } from './keys.js';
import { openFile, sealFile } from './wallet-file.js';

const VERSION = 1;
/** Entries of the history; older ones go. */
const greatestHistory = 500;
/** Minutes after which a wallet without a session is locked when nobody uses it. */
const idleMinutes = 15;
/** Seconds that a clock may be set back without ending a session. */
const clockSlack = 60;
const utf8 = new TextEncoder();

function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function isEqual(a, b) {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** A digest of all that stands in the record of keys: tells damage from a wrong passphrase. It is no protection, whoever can write can compute it. */
async function checkOf({ version, id, made, passphrase, passkeys }) {
  const parts = [version, hex(id), made, passphrase.rounds, hex(passphrase.salt), hex(passphrase.nonce), hex(passphrase.wrapped)];
  for (const key of passkeys) parts.push(hex(key.credential), hex(key.input), hex(key.nonce), hex(key.wrapped), key.name, key.made);
  return new Uint8Array(await crypto.subtle.digest('SHA-256', utf8.encode(JSON.stringify(parts))));
}

function emptyData(settings = {}) {
  return { services: {}, copies: {}, settings: { minutes: idleMinutes, ...settings }, engine: {} };
}

/** One after the other: each waits until the one before has ended, well or not. */
class Line {
  #last = Promise.resolve();

  run(body) {
    const result = this.#last.then(body);
    this.#last = result.catch(() => {});
    return result;
  }
}

/**
 * The wallet's storage in this browser, and the wallet in it while it is open.
 *
 * `core` is the WebAssembly half: `open(bytes)`, which may take its time, `state()`, `close()`. `now` gives seconds since 1970. `data` is a plain object that is kept with the
 * wallet's state. Nothing here makes two tabs take turns; a tab that writes over another's newer state is refused (`vault-elsewhere`).
 */
export class Vault {
  #core;
  #now;
  #database = new Database();
  #line = new Line();
  #keys = null;
  #dataKey = null;
  #revision = 0;
  #history = [];
  #ends = 0;
  #kept = 0;
  /** What is kept beside the wallet: `services` by community, `copies`, `settings`, and what the engine puts there. */
  data = null;

  constructor({ core, now = () => Math.floor(Date.now() / 1000) }) {
    this.#core = core;
    this.#now = now;
  }

  get isOpen() { return this.#dataKey !== null; }

  /** When it is locked if nobody uses it, in seconds since 1970. */
  get ends() { return this.#ends; }

  /** The data key, with which another worker of this page opens the wallet (`resume`). It cannot be taken out of the browser. */
  get sessionKey() { return this.#dataKey; }

  /**
   * What there is, without any key: `{exists, isOpen, made, passkeys: [{credential, input, name, made}], ends}`.
   * Throws `storage-unavailable`, `vault-damaged`, `vault-newer`.
   */
  async status() {
    const keys = await this.#storedKeys();
    return {
      exists: keys !== null, isOpen: this.isOpen, made: keys?.made ?? null, ends: this.#ends,
      passkeys: (keys?.passkeys ?? []).map(({ credential, input, name, made }) => ({ credential, input, name, made })),
    };
  }

  async #storedKeys() {
    const keys = await this.#database.read((get) => get('vault', 'keys'));
    if (keys === undefined) return null;
    if (keys.version > VERSION) throw new Failure('vault-newer');
    try {
      if (isEqual(keys.check, await checkOf(keys)) && keys.passphrase.rounds <= greatestRounds) return keys;
    } catch { /* Not even of that form. */ }
    throw new Failure('vault-damaged');
  }

  // Making, opening, locking.

  /** Keeps the core's wallet, which was made or brought back a moment ago. Throws `wallet-exists` when this browser holds one. */
  async create(passphrase, settings = {}) {
    return this.#line.run(async () => {
      if (await this.#storedKeys()) throw new Failure('wallet-exists');
      const id = randomBytes(16);
      const taken = await freshDataKey();
      const keys = { version: VERSION, id, made: this.#now(), passkeys: [], passphrase: await this.#wrapped(taken, passphrase, id) };
      keys.check = await checkOf(keys);
      this.#keys = keys;
      this.#dataKey = await this.#opened(keys, passphrase);
      this.#revision = 0;
      this.#history = [];
      this.data = emptyData(settings);
      try {
        await this.#write({ isNew: true });
      } catch (error) {
        this.#forget();
        throw error;
      }
      await this.#begin();
    });
  }

  async #wrapped(dataKey, passphrase, id) {
    const salt = randomBytes(16);
    const key = await passphraseKey(passphrase, { salt, rounds: standardRounds }, ['wrapKey']);
    return { rounds: standardRounds, salt, ...await wrap(dataKey, key, `symbolon vault passphrase ${hex(id)}`) };
  }

  async #opened(keys, passphrase, isExtractable = false) {
    const key = await passphraseKey(passphrase, keys.passphrase, ['unwrapKey']);
    const dataKey = await unwrap(keys.passphrase, key, `symbolon vault passphrase ${hex(keys.id)}`, isExtractable);
    if (!dataKey) throw new Failure('wrong-passphrase');
    return dataKey;
  }

  /**
   * Opens with `{passphrase}`, or with `{prf, credential}`: what a passkey gave for its stored input, which is wiped.
   * Throws `wallet-missing`, `wrong-passphrase`, `wrong-passkey`, `vault-damaged`, `vault-newer`, and what the core says of a state that is none.
   * Returns whether history and settings were lost by damage; the wallet itself was not.
   */
  async unlock({ passphrase, prf, credential }) {
    return this.#line.run(async () => {
      const keys = await this.#storedKeys();
      if (!keys) throw new Failure('wallet-missing');
      let dataKey;
      if (prf) {
        const entry = keys.passkeys.find((one) => isEqual(one.credential, credential));
        const key = await passkeyKey(prf, keys.id);
        dataKey = entry ? await unwrap(entry, key, this.#passkeyContext(keys.id, entry.credential)) : null;
        if (!dataKey) throw new Failure('wrong-passkey');
      } else {
        dataKey = await this.#opened(keys, passphrase);
      }
      const result = await this.#load(keys, dataKey);
      await this.#begin();
      return result;
    });
  }

  #passkeyContext(id, credential) {
    return `symbolon vault passkey ${hex(id)} ${hex(credential)}`;
  }

  /** Opens with the key of the session, or with one that another worker of this page had. Returns whether it is open. */
  async resume(key = null) {
    return this.#line.run(async () => {
      const keys = await this.#storedKeys();
      if (!keys) return false;
      const session = await this.#database.read((get) => get('vault', 'session'));
      let dataKey = key;
      if (session) {
        const isOver = this.#now() >= session.ends || this.#now() < session.begun - clockSlack || !isEqual(session.id, keys.id);
        if (isOver) {
          await this.#endSession();
          return false;
        }
        dataKey ??= session.key;
      }
      if (!dataKey) return false;
      await this.#load(keys, dataKey);
      await this.#begin(session);
      return true;
    });
  }

  async #load(keys, dataKey) {
    const [state, data, history] = await this.#database.read(
      async (get) => [await get('vault', 'state'), await get('vault', 'data'), await get('vault', 'history')]);
    if (!state) throw new Failure('vault-damaged');
    const bytes = await open(state, dataKey, this.#context(keys, 'state', state.revision));
    if (!bytes) throw new Failure('vault-damaged');
    try { await this.#core.open(bytes); } finally { bytes.fill(0); }
    this.#keys = keys;
    this.#dataKey = dataKey;
    this.#revision = state.revision;
    const readData = await this.#readJSON('data', data);
    const readHistory = await this.#readJSON('history', history);
    this.data = { ...emptyData(), ...readData };
    this.#history = readHistory ?? [];
    return { lostData: readData === null, lostHistory: readHistory === null };
  }

  async #readJSON(name, record) {
    if (!record) return null;
    const bytes = await open(record, this.#dataKey, this.#context(this.#keys, name, record.revision));
    if (!bytes) return null;
    return JSON.parse(new TextDecoder().decode(bytes));
  }

  /** What a sealed record is bound to: this vault, its place, and the save that it is of. */
  #context(keys, name, revision) {
    return `symbolon vault ${hex(keys.id)} ${name} ${revision}`;
  }

  /** Closes the wallet and ends the session. */
  async lock() {
    return this.#line.run(async () => {
      this.#forget();
      await this.#endSession();
    });
  }

  #forget() {
    this.#core.close();
    this.#keys = this.#dataKey = this.data = null;
    this.#history = [];
    this.#ends = 0;
  }

  // The session: the data key, kept so that a page which is loaded again need not ask. Chromium and Firefox write such a key to the disk as it is; that is
  // why it has an end, and why a member can do without (0 minutes).

  get #minutes() {
    const minutes = this.data.settings.minutes;
    return Number.isSafeInteger(minutes) && minutes >= 0 && minutes <= 24 * 60 ? minutes : idleMinutes;
  }

  /** One that goes on ends when it would have. */
  async #begin(session = null) {
    this.#ends = session?.ends ?? this.#now() + 60 * (this.#minutes || idleMinutes);
    this.#kept = session?.begun ?? this.#now();
    if (!session) await this.#keepSession();
  }

  async #keepSession() {
    if (this.#minutes === 0) return this.#endSession();
    const session = { key: this.#dataKey, id: this.#keys.id, begun: this.#now(), ends: this.#ends };
    await this.#database.change(async (get, put) => put('vault', 'session', session));
  }

  async #endSession() {
    await this.#database.change(async (get, put, remove) => remove('vault', 'session'));
  }

  /** Somebody uses the wallet: it stays open for as long as was chosen, from now. Locks it when that time is over already. */
  async touch() {
    if (await this.expire()) throw new Failure('locked');
    if (!this.isOpen) return;
    this.#ends = this.#now() + 60 * (this.#minutes || idleMinutes);
    // Not on the disk at each step.
    if (Math.abs(this.#now() - this.#kept) < 20) return;
    this.#kept = this.#now();
    await this.#line.run(async () => { if (this.isOpen) await this.#keepSession(); });
  }

  /** Locks the wallet when its time is over; returns whether it was. */
  async expire() {
    if (!this.isOpen || (this.#now() < this.#ends && this.#now() >= this.#kept - clockSlack)) return false;
    await this.lock();
    return true;
  }

  /** How long it stays open, in minutes; 0 keeps no session at all. */
  async setMinutes(minutes) {
    this.data.settings.minutes = minutes;
    await this.save();
    await this.#line.run(() => this.#begin());
  }

  // Writing.

  /** Writes the wallet's state and `data`; on the disk when this returns. Throws `locked`, `vault-elsewhere`, `storage-lost`, `storage-full`. */
  async save() {
    return this.#line.run(() => this.#write());
  }

  async #write({ isNew = false, copy = null } = {}) {
    if (!this.isOpen) throw new Failure('locked');
    const revision = this.#revision + 1;
    const sealed = async (name, bytes) => {
      try {
        return { version: VERSION, revision, ...await seal(bytes, this.#dataKey, this.#context(this.#keys, name, revision)) };
      } finally {
        bytes.fill(0);
      }
    };
    const records = {
      state: await sealed('state', this.#core.state()),
      data: await sealed('data', utf8.encode(JSON.stringify(this.data))),
      history: await sealed('history', utf8.encode(JSON.stringify(this.#history))),
    };
    await this.#database.change(async (get, put) => {
      const [keys, state] = [await get('vault', 'keys'), await get('vault', 'state')];
      if (isNew) {
        if (keys) throw new Failure('wallet-exists');
        put('vault', 'keys', this.#keys);
      } else {
        // What the browser, or somebody in another tab, deleted is not made again from half of it.
        if (!keys || !state) throw new Failure('storage-lost');
        if (!isEqual(keys.id, this.#keys.id) || state.revision !== this.#revision) throw new Failure('vault-elsewhere');
      }
      for (const [name, record] of Object.entries(records)) put('vault', name, record);
      if (copy) put('copies', copy.name, copy.record);
    });
    this.#revision = revision;
  }

  // Light copies: encrypted, under names that say nothing.

  /** The light copy of a community's tree as it was kept, or null: when there is none, and when it was damaged (it can be fetched again). */
  async copy(community) {
    const kept = this.data.copies[community];
    if (!kept) return null;
    const record = await this.#database.read((get) => get('copies', kept.name));
    return record ? open(record, this.#dataKey, this.#context(this.#keys, `copy ${community}`, record.revision)) : null;
  }

  /** Keeps a light copy, and with it when it was checked (seconds since 1970) and what else is said; saves. */
  async keepCopy(community, bytes, about) {
    return this.#line.run(async () => {
      if (!this.isOpen) throw new Failure('locked');
      const name = this.data.copies[community]?.name ?? hex(randomBytes(16));
      const revision = this.#revision + 1;
      const record = { version: VERSION, revision, ...await seal(bytes, this.#dataKey, this.#context(this.#keys, `copy ${community}`, revision)) };
      const before = this.data.copies[community];
      this.data.copies[community] = { ...about, name };
      try {
        await this.#write({ copy: { name, record } });
      } catch (error) {
        this.data.copies[community] = before;
        throw error;
      }
    });
  }

  // History: on this device alone.

  /** Adds to the history, `{time, kind, …}`, and saves. */
  async remember(entry) {
    this.#history = [...this.#history, { ...entry, id: hex(randomBytes(8)) }].slice(-greatestHistory);
    await this.save();
  }

  /** The history, newest first. */
  history() {
    return [...this.#history].reverse();
  }

  /** Deletes one entry, or with null all. */
  async forgetHistory(id) {
    this.#history = id === null ? [] : this.#history.filter((entry) => entry.id !== id);
    await this.save();
  }

  // Keys and copies for people.

  /** Throws `wrong-passphrase` unless it is the one. */
  async confirm(passphrase) {
    if (!this.isOpen) throw new Failure('locked');
    await this.#opened(this.#keys, passphrase);
  }

  /** The wallet as a file that the command line opens too, under the same passphrase. Also while the browser has deleted what was stored. */
  async backup(passphrase) {
    await this.confirm(passphrase);
    const state = this.#core.state();
    try { return await sealFile(state, passphrase); } finally { state.fill(0); }
  }

  /** Takes the wallet in a file: the core holds it afterwards, and `create` keeps it. */
  async openBackup(file, passphrase) {
    const state = await openFile(file, passphrase);
    try { await this.#core.open(state); } finally { state.fill(0); }
  }

  async changePassphrase(from, to) {
    return this.#line.run(async () => {
      if (!this.isOpen) throw new Failure('locked');
      const taken = await this.#opened(this.#keys, from, true);
      await this.#replaceKeys({ passphrase: await this.#wrapped(taken, to, this.#keys.id) });
    });
  }

  /** Lets a passkey open the wallet too. `prf`: what it gave for `input`; wiped. Throws `wrong-passphrase`, `passkey-output`. */
  async addPasskey({ passphrase, credential, input, prf, name }) {
    return this.#line.run(async () => {
      if (!this.isOpen) throw new Failure('locked');
      const key = await passkeyKey(prf, this.#keys.id);
      const taken = await this.#opened(this.#keys, passphrase, true);
      const wrapped = await wrap(taken, key, this.#passkeyContext(this.#keys.id, credential));
      const passkeys = this.#keys.passkeys.filter((one) => !isEqual(one.credential, credential));
      await this.#replaceKeys({ passkeys: [...passkeys, { credential, input, name, made: this.#now(), ...wrapped }] });
    });
  }

  async removePasskey(credential) {
    return this.#line.run(async () => {
      if (!this.isOpen) throw new Failure('locked');
      await this.#replaceKeys({ passkeys: this.#keys.passkeys.filter((one) => !isEqual(one.credential, credential)) });
    });
  }

  async #replaceKeys(parts) {
    const keys = { ...this.#keys, ...parts };
    keys.check = await checkOf(keys);
    await this.#database.change(async (get, put) => {
      const stored = await get('vault', 'keys');
      if (!stored) throw new Failure('storage-lost');
      if (!isEqual(stored.check, this.#keys.check)) throw new Failure('vault-elsewhere');
      put('vault', 'keys', keys);
    });
    this.#keys = keys;
  }

  /** Deletes everything that this browser holds of the wallet. */
  async delete() {
    return this.#line.run(async () => {
      this.#forget();
      await this.#database.delete();
    });
  }
}
