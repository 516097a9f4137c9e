// A running service with a small community, and wallets as a browser has them: the same worker code over a vault in memory.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Core } from '../../Sources/WalletWeb/Page/worker/core.js';
import { Engine } from '../../Sources/WalletWeb/Page/worker/engine.js';
import { Failure } from '../../Sources/WalletWeb/Page/worker/failure.js';

export const names = ['ann', 'ben', 'cid', 'dan', 'eve', 'fay', 'gus', 'hal'];
const votes = { ann: 25, ben: 30, cid: 21, dan: 40, eve: 3, fay: 22, gus: 28, hal: 35 };

/** Of the wallet files of the command line. */
export const passphrase = 'a passphrase for tests';

/** A community of eight with `votes`, `comments` and `group`, its service, and two audiences. */
export class World {
  #process = null;

  constructor(binary, module, { rules = null, batchLeaves = 1, serve = [] } = {}) {
    this.binary = binary;
    this.module = module;
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'symbolon-wallet-'));
    this.serving = serve;
    this.write('schema.json', JSON.stringify([
      { name: 'votes', kind: 'growing', least: 0, greatest: 1000 }, { name: 'standing', kind: 'feedback', least: -10, greatest: 10 },
      { name: 'group', kind: 'fixed', least: 0, greatest: 3 }]));
    this.write('members.csv', ['person,votes,standing,group', ...names.map((name, at) => `${name},${votes[name]},0,${at % 2}`)].join('\n') + '\n');
    const more = rules ? ['--rules', this.write('rules.json', JSON.stringify(rules))] : [];
    this.community = JSON.parse(this.run('community', 'init', '--data', 'data', '--name', 'village', '--schema', 'schema.json', '--batch-leaves', String(batchLeaves), '--json', ...more)).community;
    this.run('community', 'import', '--data', 'data', '--csv', 'members.csv', '--person-column', 'person', '--codes', 'codes.csv', '--json');
    this.codes = Object.fromEntries(this.read('codes.csv').trim().split('\n').slice(1).map((line) => line.split(',')));
  }

  file(name) { return path.join(this.folder, name); }
  read(name) { return fs.readFileSync(this.file(name), 'utf8'); }

  write(name, content) {
    fs.writeFileSync(this.file(name), content);
    return this.file(name);
  }

  /** Runs the command line in the folder; fails when it fails, unless the status is expected. */
  run(...args) { return this.tried(...args, { status: 0 }).stdout; }

  tried(...args) {
    const { status } = typeof args.at(-1) === 'object' ? args.pop() : { status: null };
    const done = spawnSync(this.binary, args, { cwd: this.folder, encoding: 'utf8', env: { ...process.env, SYMBOLON_PASSPHRASE: passphrase, XDG_STATE_HOME: this.file('state') } });
    if (status !== null && done.status !== status) throw new Error(`symbolon ${args.join(' ')}: ${done.status}\n${done.stdout}${done.stderr}`);
    return done;
  }

  async start() {
    this.port ??= await freePort();
    this.#process = spawn(this.binary, ['serve', '--data', 'data', '--port', String(this.port), '--audience', 'forum', '--audience', 'other', '--json', ...this.serving], { cwd: this.folder });
    let out = '', problem = '';
    this.#process.stderr.on('data', (piece) => { problem = (problem + piece).slice(-4000); });
    this.origin = await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the service does not start: ${out}${problem}`)), 60000);
      this.#process.stdout.on('data', (piece) => {
        out += piece;
        const found = /http:\/\/[^\s"\\]+:\d+/.exec(out);
        if (found) { clearTimeout(timer); resolve(found[0]); }
      });
      this.#process.on('exit', (code) => { clearTimeout(timer); reject(new Error(`the service ended with ${code}: ${out}${problem}`)); });
    });
    const about = await (await fetch(`${this.origin}/v1/community`)).json();
    this.audiences = Object.fromEntries(about.audiences.map(({ name, id }) => [name, id]));
  }

  async stop() {
    if (!this.#process) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGTERM');
    await ended;
    this.#process = null;
  }

  async end() {
    await this.stop();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  /** Asks as an audience; the request as it is served. */
  async ask(question, audience = 'forum') {
    const answer = await fetch(`${this.origin}/v1/audiences/${this.audiences[audience]}/requests`, {
      method: 'POST', body: JSON.stringify(question), headers: { Authorization: `Bearer ${this.read(`data/audiences/${audience}.token`).trim()}` } });
    if (!answer.ok) throw new Error(`asking: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  wallet(options = {}) { return Wallet.made(this, options); }
}

function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** What the page's vault is to the engine, in memory. Each save is counted and kept, as the disk would have it. */
export class MemoryVault {
  #core;
  data = { services: {}, copies: {}, engine: {} };
  saves = [];
  stored = new Map();
  remembered = [];

  constructor(core) { this.#core = core; }

  /** As the page's vault locks: what is under way finds nothing any more. */
  lock() {
    this.#core.close();
    this.data = null;
  }

  async save() {
    if (!this.data) throw new Failure('locked');
    this.saves.push({ state: this.#core.state(), data: JSON.stringify(this.data) });
  }

  async copy(community) { return this.stored.get(community)?.slice() ?? null; }

  async keepCopy(community, bytes, about) {
    if (!this.data) throw new Failure('locked');
    this.stored.set(community, bytes.slice());
    this.data.copies[community] = { ...about };
    await this.save();
  }

  async remember(entry) {
    this.remembered.push(entry);
    await this.save();
  }

  history() { return [...this.remembered].reverse(); }
}

/** A wallet: module, engine and vault, with a clock and a network that tests can bend. */
export class Wallet {
  shift = 0;
  requests = [];
  /** What the network makes of a request: nothing, or a response of its own. */
  bend = null;
  progress = [];

  static async made(world, { phrase = null, restoredAt = null, state = null } = {}) {
    const wallet = new Wallet();
    wallet.world = world;
    wallet.core = await Core.load(world.module);
    if (state) wallet.core.open(state);
    else wallet.core.create(phrase ?? wallet.core.newPhrase(), restoredAt);
    wallet.vault = new MemoryVault(wallet.core);
    wallet.engine = new Engine({
      core: wallet.core, vault: wallet.vault, now: () => Math.floor(Date.now() / 1000) + wallet.shift, progress: (step) => wallet.progress.push(step),
      fetch: async (url, options) => {
        wallet.requests.push({ url: String(url), options });
        return (await wallet.bend?.(String(url), options)) ?? fetch(url, options);
      } });
    return wallet;
  }

  /** Another one from what stands on the disk, as after a crash: the state and the data of the last save. */
  async reopened() {
    const last = this.vault.saves.at(-1);
    const again = await Wallet.made(this.world, { state: last.state.slice() });
    again.vault.data = JSON.parse(last.data);
    again.vault.stored = new Map(this.vault.stored);
    return again;
  }

  claim(name, overrides = {}) {
    return this.engine.claim({ service: this.world.origin, community: this.world.community, code: this.world.codes[name], ...overrides });
  }

  /** Claims, and waits until the leaf is in the tree. */
  async joined(name) {
    await this.claim(name);
    await this.synced();
    return this;
  }

  async synced() {
    for (const deadline = Date.now() + 60000; Date.now() < deadline;) {
      const { communities } = await this.engine.sync();
      if (communities.some((one) => one.error)) throw new Error(`sync: ${communities.map((one) => one.error)}`);
      if ((await this.engine.credentials()).credentials.every((one) => !one.isNewest || one.state === 'in-tree')) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error('the leaf does not come into the tree');
  }

  answer(request, options = {}) {
    return this.engine.answer({ service: this.world.origin, audience: request.audience, nonce: request.nonce, smallestSet: 0, ...options });
  }
}

/** The code with which something fails; throws when it does not. */
export async function failure(promise) {
  try { await promise; } catch (error) {
    if (typeof error.code === 'string') return error.code;
    throw error;
  }
  throw new Error('it did not fail');
}

/** Code and details with which something fails at once. */
export function failureOf(body) {
  try { body(); } catch (error) {
    if (typeof error.code === 'string') return { code: error.code, ...error.detail };
    throw error;
  }
  throw new Error('it did not fail');
}
