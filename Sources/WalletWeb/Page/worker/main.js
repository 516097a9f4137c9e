// The worker that holds the wallet's secrets. The page asks by `{id, op, args}` and hears `{id, ok}` or `{id, error: {code, …}}`, and `{id, progress}` on the way.
import { Core } from './core.js';
import { Engine } from './engine.js';
import { Failure } from './failure.js';
import { serve } from './helper.js';
import { Vault } from './vault.js';
import { trustedScript } from '../page/trusted.js';

let core = null;
let loading = null;
let engine = null;

/** The WebAssembly half, for the vault: it is there by the time that a wallet is opened, made or saved. */
const vault = new Vault({
  core: {
    async open(bytes) {
      await ready();
      core.open(bytes);
      // When the page has its answer.
      setTimeout(() => core.prepare(), 0);
    },
    state: () => core.state(),
    close: () => core?.close(),
  },
});

/** Fetched with its integrity; the page says what that is, and its own integrity stands in index.html. */
async function load({ url, integrity }) {
  const response = await fetch(url, { integrity, credentials: 'omit' });
  if (!response.ok) throw new Failure('module-unavailable');
  core = await Core.load(response, startHelp);
}

/** A second worker of this same code, for sums alone. If it fails, all goes on without it. */
function startHelp(help) {
  const worker = new Worker(trustedScript(self.location.href));
  worker.onerror = (event) => event.preventDefault();
  worker.postMessage({ help });
}

async function ready() {
  try { await loading; } catch (error) {
    throw error instanceof Failure ? error : new Failure('module-unavailable', { what: String(error?.message ?? error) });
  }
}

/** What may be asked. `open`: only of an open wallet, which stays open longer by it. */
const operations = {
  async start({ module, key }) {
    loading = load(module);
    // It is waited for where it is needed.
    loading.catch(() => {});
    if (key) await vault.resume(key);
  },
  async status() {
    await vault.expire();
    if (!vault.isOpen) await vault.resume();
    return { ...await vault.status(), sessionKey: vault.sessionKey };
  },
  'new-phrase': async () => { await ready(); return core.newPhrase(); },
  async 'check-phrase'({ phrase }) {
    await ready();
    if (vault.isOpen) throw new Failure('wallet-exists');
    core.create(phrase, null);
    core.close();
  },
  async create({ phrase, isRestored, passphrase }) {
    await ready();
    if ((await vault.status()).exists) throw new Failure('wallet-exists');
    core.create(phrase, isRestored ? now() : null);
    await kept(passphrase);
  },
  async restore({ file, passphrase }) {
    await ready();
    if ((await vault.status()).exists) throw new Failure('wallet-exists');
    await vault.openBackup(new Uint8Array(file), passphrase);
    await kept(passphrase);
  },
  async unlock(given) {
    return { ...await vault.unlock(given), sessionKey: vault.sessionKey };
  },
  lock: () => vault.lock(),
  delete: () => vault.delete(),
};

const openOperations = {
  /** Somebody uses it. */
  stay: async () => {},
  backup: ({ passphrase }) => vault.backup(passphrase),
  async phrase({ passphrase }) {
    await vault.confirm(passphrase);
    return core.phrase();
  },
  'change-passphrase': ({ from, to }) => vault.changePassphrase(from, to),
  'add-passkey': (given) => vault.addPasskey(given),
  'remove-passkey': ({ credential }) => vault.removePasskey(credential),
  history: async () => vault.history(),
  'forget-history': ({ id }) => vault.forgetHistory(id),
  settings: async () => ({ minutes: vault.data.settings.minutes }),
  'set-minutes': ({ minutes }) => vault.setMinutes(minutes),
  /** Where the service of a community is: not in a wallet file, so it is asked for after one was restored. */
  async 'set-service'({ community, service }) {
    vault.data.services[community] = service;
    await vault.save();
  },
  credentials: () => engine.credentials(),
  claim: (args) => engine.claim(args),
  offer: (args) => engine.offer(args),
  // A page says what it showed; else nothing is answered.
  present: ({ asShown = '', ...args }) => engine.present({ asShown, ...args }),
  request: (args) => engine.readRequest(args),
  answer: ({ asShown = '', ...args }) => engine.answer({ asShown, ...args }),
  declined: (args) => engine.declined(args),
  appeals: () => engine.appeals(),
  appeal: (args) => engine.appeal(args),
  'forget-appeal': (args) => engine.forgetAppeal(args),
  renew: (args) => engine.renew(args),
  'top-up': (args) => engine.topUp(args),
  'restore-credentials': (args) => engine.restoreCredentials(args),
  sync: follow,
  /** The same by a schedule. */
  follow,
};

/** The public lists, and what waits to be in them. */
async function follow() {
  const { communities } = await engine.sync();
  for (const { community, isNewest, state, isToppingUp } of (await engine.credentials()).credentials) {
    const isThere = communities.some((one) => one.community === community && one.error === null);
    if (!isNewest || !isThere) continue;
    if (state === 'renewed') await engine.renew({ community });
    else if (isToppingUp) await engine.topUp({ community });
  }
  return { communities: communities.map((one) => ({ ...one, service: vault.data.services[one.community] ?? null })) };
}

/** What happens by itself does not keep a wallet open. */
const byItself = new Set(['follow']);

function now() {
  return Math.floor(Date.now() / 1000);
}

async function kept(passphrase) {
  try { await vault.create(passphrase); } catch (error) {
    core.close();
    throw error;
  }
}

async function run(id, op, args) {
  if (Object.hasOwn(operations, op)) return operations[op](args);
  if (!Object.hasOwn(openOperations, op)) throw new Failure('unknown-operation');
  if (byItself.has(op)) await vault.expire();
  else await vault.touch();
  if (!vault.isOpen) throw new Failure('locked');
  engine ??= new Engine({ core, vault, fetch: (...given) => fetch(...given), now, progress });
  running = id;
  return openOperations[op](args);
}

/** The question whose work is shown: the last that was begun. */
let running = null;

function progress(step) {
  if (running !== null) postMessage({ id: running, progress: step });
}

onmessage = async ({ data: { id, op, args = {}, help } }) => {
  if (help) {
    try { serve(help, (wasm) => wasm.prepare()); } finally { close(); }
    return;
  }
  try {
    const ok = await run(id, op, args);
    postMessage({ id, ok }, ok instanceof Uint8Array ? [ok.buffer] : []);
  } catch (error) {
    // Of what is not one of our own errors the page gets the text, for who reports it; it leaves this browser only by its owner.
    const code = typeof error?.code === 'string' ? error.code : 'internal-error';
    postMessage({ id, error: { ...error?.detail, ...(code === 'internal-error' ? { what: String(error?.message ?? error) } : {}), code } });
  }
};
