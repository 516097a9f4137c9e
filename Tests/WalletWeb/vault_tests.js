// The vault in a real browser, with a core that holds bytes and knows nothing. Run by module_checks.py; each test begins with an empty browser.
import { openFile, sealFile } from '/worker/wallet-file.js';
import { Vault } from '/worker/vault.js';

const PASSPHRASE = 'four words of mine';
const STATE = '{"version":1,"seed":"5ec4e7"}';
const utf8 = new TextEncoder();
const text = (bytes) => new TextDecoder().decode(bytes);

class Core {
  bytes = null;
  handed = [];
  open(bytes) { this.bytes = bytes.slice(); this.handed.push(bytes); }
  state() {
    const bytes = this.bytes.slice();
    this.handed.push(bytes);
    return bytes;
  }
  close() { this.bytes = null; }
}

class Clock {
  time = 1_800_000_000;
  now = () => this.time;
}

function check(what, holds) {
  if (!holds) throw new Error(what);
}

/** That something is refused, and with which code. */
async function refused(code, body) {
  try { await body(); } catch (error) {
    if (error.code === code) return error;
    throw new Error(`refused with ${error.code ?? error}, not with ${code}`);
  }
  throw new Error(`not refused with ${code}`);
}

function vaultWith(clock = new Clock()) {
  const core = new Core();
  return { core, clock, vault: new Vault({ core, now: clock.now }) };
}

async function made(settings = {}) {
  const parts = vaultWith();
  parts.core.bytes = utf8.encode(STATE);
  await parts.vault.create(PASSPHRASE, settings);
  return parts;
}

/** Runs a body with the database as somebody else sees it. */
async function raw(body, mode = 'readwrite') {
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open('symbolon-wallet');
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const transaction = database.transaction(['vault', 'copies'], mode);
  const ask = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  try {
    const ended = new Promise((resolve) => { transaction.oncomplete = resolve; });
    const result = await body((name) => transaction.objectStore(name), ask);
    await ended;
    return result;
  } finally {
    database.close();
  }
}

function record(key) {
  return raw((store, ask) => ask(store('vault').get(key)), 'readonly');
}

async function damage(store, key, field) {
  await raw(async (open, ask) => {
    const found = await ask(open(store).get(key));
    (field ? found[field] : found).sealed[3] ^= 1;
    open(store).put(found, key);
  });
}

/** All bytes and texts that are stored, one after the other. */
async function everything() {
  const parts = [];
  function collect(value) {
    if (ArrayBuffer.isView(value)) parts.push(String.fromCharCode(...value));
    else if (value instanceof CryptoKey) return;
    else if (value && typeof value === 'object') Object.entries(value).forEach(([key, inner]) => { parts.push(key); collect(inner); });
    else parts.push(String(value));
  }
  await raw(async (store, ask) => {
    for (const name of ['vault', 'copies']) collect({ keys: await ask(store(name).getAllKeys()), values: await ask(store(name).getAll()) });
  }, 'readonly');
  return parts.join('\n');
}

export const tests = {
  async 'what was kept is there again, and nothing of it can be read'() {
    const { core, vault } = await made();
    vault.data.services.abcdef = 'https://id.example.org';
    await vault.remember({ time: 5, kind: 'sign-in', forum: 'The Forum' });
    await vault.keepCopy('abcdef', utf8.encode('the published leaves'), { checked: 7 });
    check('what it was given is wiped', core.handed.every((bytes) => bytes.every((byte) => byte === 0)));
    await vault.lock();
    check('the core is closed', core.bytes === null);
    const stored = await everything();
    for (const secret of ['5ec4e7', 'example.org', 'The Forum', 'published', 'abcdef', PASSPHRASE, 'minutes']) check(`${secret} is stored in the clear`, !stored.includes(secret));
    check('something is stored', stored.length > 500);
    const again = vaultWith();
    await again.vault.unlock({ passphrase: PASSPHRASE });
    check('the state', text(again.core.bytes) === STATE);
    check('the service', again.vault.data.services.abcdef === 'https://id.example.org');
    check('the history', again.vault.history()[0].forum === 'The Forum' && again.vault.history().length === 1);
    check('the copy', text(await again.vault.copy('abcdef')) === 'the published leaves');
    check('when it was checked', again.vault.data.copies.abcdef.checked === 7);
    check('a copy that there is not', await again.vault.copy('123456') === null);
    check('the decrypted state is wiped', again.core.handed.every((bytes) => bytes.every((byte) => byte === 0)));
  },

  async 'a wrong passphrase is one, and damage is not'() {
    const { vault } = await made();
    await vault.lock();
    const { core, vault: other } = vaultWith();
    await refused('wrong-passphrase', () => other.unlock({ passphrase: 'four words of his' }));
    check('nothing is open', core.bytes === null && !other.isOpen);
    await raw(async (store, ask) => {
      const keys = await ask(store('vault').get('keys'));
      keys.passphrase.wrapped[0] ^= 1;
      store('vault').put(keys, 'keys');
    });
    await refused('vault-damaged', () => other.unlock({ passphrase: PASSPHRASE }));
    await refused('vault-damaged', () => other.status());
  },

  async 'the same letters in another form are the same passphrase'() {
    const { core, vault } = vaultWith();
    core.bytes = utf8.encode(STATE);
    await vault.create('caf\u00e9 caf\u00e9 caf\u00e9');
    await vault.lock();
    await vault.unlock({ passphrase: 'cafe\u0301 cafe\u0301 cafe\u0301' });
  },

  async 'an altered state is damage; altered settings lose the settings alone'() {
    const { vault } = await made();
    vault.data.services.abcdef = 'https://id.example.org';
    await vault.save();
    await vault.lock();
    await damage('vault', 'data');
    const { core, vault: second } = vaultWith();
    const lost = await second.unlock({ passphrase: PASSPHRASE });
    check('it is said', lost.lostData && !lost.lostHistory);
    check('the wallet is there', text(core.bytes) === STATE && Object.keys(second.data.services).length === 0);
    await second.lock();
    await damage('vault', 'state');
    await refused('vault-damaged', () => vaultWith().vault.unlock({ passphrase: PASSPHRASE }));
  },

  async 'an older state, or one from another place, does not pass for the state'() {
    const { core, vault } = await made();
    const old = await record('state');
    core.bytes = utf8.encode('{"newer":1}');
    await vault.save();
    const current = await record('state');
    await vault.lock();
    await raw((store) => { store('vault').put({ ...old, revision: current.revision }, 'state'); });
    await refused('vault-damaged', () => vaultWith().vault.unlock({ passphrase: PASSPHRASE }));
    await raw((store) => { store('vault').put(current, 'data'); store('vault').put(current, 'state'); });
    check('settings from elsewhere are none', (await vaultWith().vault.unlock({ passphrase: PASSPHRASE })).lostData);
  },

  async 'each save has a nonce of its own and waits for the disk'() {
    const options = [];
    const begin = IDBDatabase.prototype.transaction;
    IDBDatabase.prototype.transaction = function (...given) {
      const transaction = begin.apply(this, given);
      if (given[1] === 'readwrite') options.push(transaction.durability);
      return transaction;
    };
    try {
      const { vault } = await made();
      const first = await record('state');
      await vault.save();
      const second = await record('state');
      check('the nonce', String(first.nonce) !== String(second.nonce) && first.nonce.length === 12);
      check('the bytes', String(first.sealed) !== String(second.sealed));
      check('the revision', second.revision === first.revision + 1);
      check('durability', options.length >= 2 && options.filter((one) => one === 'strict').length >= 3);
    } finally {
      IDBDatabase.prototype.transaction = begin;
    }
  },

  async 'a save that fails half-way leaves what was'() {
    const { core, vault } = await made();
    core.bytes = utf8.encode('{"second":1}');
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (value, key) {
      if (key === 'history') throw new DOMException('full', 'QuotaExceededError');
      return put.call(this, value, key);
    };
    try { await refused('storage-full', () => vault.save()); } finally { IDBObjectStore.prototype.put = put; }
    const { core: other, vault: again } = vaultWith();
    await again.unlock({ passphrase: PASSPHRASE });
    check('the state of before', text(other.bytes) === STATE);
    await vault.save();
    await again.lock();
    await again.unlock({ passphrase: PASSPHRASE });
    check('and then the new one', text(other.bytes) === '{"second":1}');
  },

  async 'saves that are asked for at once come one after the other'() {
    const { vault } = await made();
    await Promise.all([vault.save(), vault.remember({ time: 1, kind: 'a' }), vault.keepCopy('00', utf8.encode('x'), { checked: 1 }), vault.save()]);
    check('all are counted', (await record('state')).revision === 5);
  },

  async 'two tabs do not overwrite each other'() {
    const { vault } = await made();
    const { core, vault: other } = vaultWith();
    await other.unlock({ passphrase: PASSPHRASE });
    vault.data.services.first = 'https://first.example';
    await vault.save();
    core.bytes = utf8.encode('{"stale":1}');
    await refused('vault-elsewhere', () => other.save());
    await refused('vault-elsewhere', () => other.keepCopy('00', utf8.encode('x'), { checked: 1 }));
    check('a copy that was not kept is not remembered', other.data.copies['00'] === undefined);
    const { core: third, vault: now } = vaultWith();
    await now.unlock({ passphrase: PASSPHRASE });
    check('the first one counts', text(third.bytes) === STATE && now.data.services.first);
  },

  async 'a browser that deletes everything is noticed, and the backup still works'() {
    const { vault } = await made();
    await new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase('symbolon-wallet');
      request.onsuccess = resolve;
      request.onerror = reject;
    });
    await refused('storage-lost', () => vault.save());
    await refused('storage-lost', () => vault.changePassphrase(PASSPHRASE, 'another passphrase'));
    check('the wallet is still here', text(await openFile(await vault.backup(PASSPHRASE), PASSPHRASE)) === STATE);
    check('nothing was made of the rest', !(await vaultWith().vault.status()).exists);
  },

  async 'there is one wallet in a browser'() {
    await made();
    const { core, vault } = vaultWith();
    core.bytes = utf8.encode('{"another":1}');
    await refused('wallet-exists', () => vault.create('another passphrase'));
    check('the second is not open', !vault.isOpen);
    await vault.unlock({ passphrase: PASSPHRASE });
    check('the first stays', text(core.bytes) === STATE);
  },

  async 'a session opens the wallet until its end'() {
    const { clock, vault } = await made({ minutes: 5 });
    const key = (await record('session')).key;
    check('its key cannot be taken out', key.extractable === false && vault.sessionKey.extractable === false);
    try {
      await crypto.subtle.exportKey('raw', key);
      check('it was taken out', false);
    } catch (error) { check(String(error), error.name === 'InvalidAccessError'); }
    const later = vaultWith(clock);
    clock.time += 4 * 60;
    check('it opens', await later.vault.resume() && text(later.core.bytes) === STATE);
    check('coming back does not make it longer', later.vault.ends === vault.ends);
    await later.vault.touch();
    check('using it does', later.vault.ends === clock.time + 300 && (await record('session')).ends === clock.time + 300);
    clock.time += 301;
    check('in memory it ends by itself', await later.vault.expire() && !later.vault.isOpen && later.core.bytes === null);
    check('and is not stored any more', await record('session') === undefined);
    check('so it does not open again', !await vaultWith(clock).vault.resume());
  },

  async 'a session that nobody ended is over all the same'() {
    const { clock } = await made({ minutes: 5 });
    clock.time += 301;
    check('it does not open', !await vaultWith(clock).vault.resume());
    check('it is removed', await record('session') === undefined);
  },

  async 'a clock that was set back ends a session'() {
    const { clock } = await made({ minutes: 5 });
    clock.time -= 3600;
    check('it does not open', !await vaultWith(clock).vault.resume());
    check('it is removed', await record('session') === undefined);
  },

  async 'a session is of one wallet'() {
    const { clock, vault } = await made();
    const session = await record('session');
    await vault.delete();
    await made();
    await raw((store) => { store('vault').put(session, 'session'); });
    check('the other does not open', !await vaultWith(clock).vault.resume());
  },

  async 'without a session only the page has the key'() {
    const { clock, vault } = await made({ minutes: 0 });
    check('none is stored', await record('session') === undefined);
    check('it does not open by itself', !await vaultWith(clock).vault.resume());
    const next = vaultWith(clock);
    check('another worker of the page opens it', await next.vault.resume(vault.sessionKey) && text(next.core.bytes) === STATE);
    check('nor is one stored then', await record('session') === undefined);
    clock.time += 15 * 60;
    await refused('locked', () => next.vault.touch());
    check('it locks when it is not used', !next.vault.isOpen);
  },

  async 'locking ends the session, and other times begin another'() {
    const { clock, vault } = await made({ minutes: 15 });
    await vault.setMinutes(60);
    check('longer', (await record('session')).ends === clock.time + 3600);
    await vault.setMinutes(0);
    check('none', await record('session') === undefined);
    await vault.setMinutes(5);
    await vault.lock();
    check('none after locking', await record('session') === undefined && vault.data === null && !vault.isOpen);
    await refused('locked', () => vault.save());
    await refused('locked', () => vault.keepCopy('00', utf8.encode('x'), {}));
  },

  async 'nonsense about minutes is the standard'() {
    for (const minutes of [-1, 1e9, 'x', null, 1.5]) {
      const { clock, vault } = await made({ minutes });
      check(String(minutes), vault.ends === clock.time + 15 * 60);
      await vault.delete();
    }
  },

  async 'another passphrase opens, the old one no more'() {
    const { core, vault } = await made();
    await refused('wrong-passphrase', () => vault.changePassphrase('not mine at all', 'another passphrase'));
    await vault.changePassphrase(PASSPHRASE, 'another passphrase');
    await vault.save();
    await vault.lock();
    await refused('wrong-passphrase', () => vault.unlock({ passphrase: PASSPHRASE }));
    await vault.unlock({ passphrase: 'another passphrase' });
    check('the state', text(core.bytes) === STATE);
    check('a key that is used cannot be taken out', vault.sessionKey.extractable === false);
  },

  async 'a passkey opens too'() {
    const { core, vault } = await made();
    const prf = Uint8Array.from({ length: 32 }, (_, at) => at);
    const passkey = { credential: Uint8Array.of(1, 2, 3), input: new Uint8Array(32).fill(9), name: '' };
    await refused('wrong-passphrase', () => vault.addPasskey({ ...passkey, prf: prf.slice(), passphrase: 'not mine at all' }));
    const given = prf.slice();
    await vault.addPasskey({ ...passkey, prf: given, passphrase: PASSPHRASE });
    check('what it gave is wiped', given.every((byte) => byte === 0));
    check('what it gave is not stored', !(await everything()).includes(String.fromCharCode(...prf)));
    await vault.lock();
    const [listed] = (await vault.status()).passkeys;
    check('its input is there before', String(listed.input) === String(passkey.input) && String(listed.credential) === '1,2,3' && !listed.wrapped);
    await refused('wrong-passkey', () => vault.unlock({ credential: passkey.credential, prf: new Uint8Array(32) }));
    await refused('wrong-passkey', () => vault.unlock({ credential: Uint8Array.of(3), prf: prf.slice() }));
    await refused('passkey-output', () => vault.unlock({ credential: passkey.credential, prf: new Uint8Array(0) }));
    await vault.unlock({ credential: passkey.credential, prf: prf.slice() });
    check('the state', text(core.bytes) === STATE);
    await vault.changePassphrase(PASSPHRASE, 'another passphrase');
    await vault.lock();
    await vault.unlock({ credential: passkey.credential, prf: prf.slice() });
    await vault.removePasskey(passkey.credential);
    await vault.lock();
    await refused('wrong-passkey', () => vault.unlock({ credential: passkey.credential, prf: prf.slice() }));
    await vault.unlock({ passphrase: 'another passphrase' });
  },

  async 'a file of the wallet, and what is none'() {
    const { vault } = await made();
    await refused('wrong-passphrase', () => vault.backup('not mine at all'));
    const file = await vault.backup(PASSPHRASE);
    check('its head', text(file.slice(0, 15)) === 'SYMBOLON-WALLET' && file[15] === 1 && new DataView(file.buffer).getUint32(16, true) === 600_000);
    check('its length', file.length === 48 + STATE.length + 16);
    check('another each time', String(file) !== String(await vault.backup(PASSPHRASE)));
    check('it opens', text(await openFile(file, PASSPHRASE)) === STATE);
    await refused('wallet-passphrase', () => openFile(file, 'not mine at all'));
    for (const at of [20, 36, 48, file.length - 1]) {
      const altered = file.slice();
      altered[at] ^= 1;
      await refused('wallet-passphrase', () => openFile(altered, PASSPHRASE));
    }
    for (const [what, change] of [['magic', (bytes) => { bytes[0] = 0; }], ['version', (bytes) => { bytes[15] = 2; }],
      ['few rounds', (bytes) => { bytes[17] = 0; bytes[18] = 0; }], ['many rounds', (bytes) => { bytes[19] = 255; }]]) {
      const altered = file.slice();
      change(altered);
      check(what, await refused('wallet-format', () => openFile(altered, PASSPHRASE)));
    }
    await refused('wallet-format', () => openFile(file.slice(0, 63), PASSPHRASE));
    await vault.delete();
    const { core, vault: restored } = vaultWith();
    await restored.openBackup(await sealFile(utf8.encode(STATE), PASSPHRASE), PASSPHRASE);
    await restored.create(PASSPHRASE);
    await restored.lock();
    await restored.unlock({ passphrase: PASSPHRASE });
    check('brought back', text(core.bytes) === STATE);
  },

  async 'history: newest first, bounded, deleted one by one and whole'() {
    const { vault } = await made();
    for (const time of [1, 2, 3]) await vault.remember({ time, kind: 'claim' });
    check('order', vault.history().map(({ time }) => time).join() === '3,2,1');
    await vault.forgetHistory(vault.history()[1].id);
    check('one gone', vault.history().map(({ time }) => time).join() === '3,1');
    await vault.lock();
    await vault.unlock({ passphrase: PASSPHRASE });
    check('gone for good', vault.history().map(({ time }) => time).join() === '3,1');
    await vault.forgetHistory(null);
    check('all gone', vault.history().length === 0);
    for (let time = 0; time < 510; time += 1) await vault.remember({ time, kind: 'claim' });
    check('bounded', vault.history().length === 500 && vault.history()[0].time === 509);
  },

  async 'a copy that was damaged is fetched again, not believed'() {
    const { vault } = await made();
    await vault.keepCopy('abcdef', utf8.encode('leaves'), { checked: 7 });
    await vault.keepCopy('fedcba', utf8.encode('others'), { checked: 8 });
    await raw(async (store, ask) => {
      const [first, second] = [await ask(store('copies').get(vault.data.copies.abcdef.name)), await ask(store('copies').get(vault.data.copies.fedcba.name))];
      store('copies').put(second, vault.data.copies.abcdef.name);
      first.sealed[0] ^= 1;
      store('copies').put(first, vault.data.copies.fedcba.name);
    });
    check('another community\'s is none', await vault.copy('abcdef') === null);
    check('an altered one is none', await vault.copy('fedcba') === null);
  },

  async 'what a newer version kept is left alone'() {
    const { vault } = await made();
    await vault.lock();
    await raw(async (store, ask) => {
      const keys = await ask(store('vault').get('keys'));
      store('vault').put({ ...keys, version: 2 }, 'keys');
    });
    await refused('vault-newer', () => vaultWith().vault.unlock({ passphrase: PASSPHRASE }));
  },

  async 'deleting leaves nothing'() {
    const { vault } = await made();
    await vault.delete();
    check('closed', !vault.isOpen);
    check('no database', !(await indexedDB.databases()).some(({ name }) => name === 'symbolon-wallet'));
    await refused('wallet-missing', () => vaultWith().vault.unlock({ passphrase: PASSPHRASE }));
  },
};

/** Runs all; what failed, by name. */
export async function run() {
  const failed = {};
  for (const [name, test] of Object.entries(tests)) {
    for (const { name: database } of await indexedDB.databases()) {
      await new Promise((resolve) => { Object.assign(indexedDB.deleteDatabase(database), { onsuccess: resolve, onerror: resolve }); });
    }
    try { await test(); } catch (error) { failed[name] = String(error?.stack ?? error); }
  }
  return failed;
}
