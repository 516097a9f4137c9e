// The published files of a community with a large tree, as Tests/LargeLog writes them, served without a network; and which of them a wallet has to fetch, worked out from the
// files alone and not by the code that fetches.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Wallet } from './world.mjs';

/** Entries of a tile, and newest tiles of entries' hashes that are fetched at most. */
const tile = 256, newest = 16;

/** The memory of the module that was started last. */
let memory = null;
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(...given) {
    super(...given);
    ({ memory } = this.exports);
  }
};

const grouped = (index) => {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0').match(/.../g);
  return digits.map((three, at) => (at < digits.length - 1 ? `x${three}` : three)).join('/');
};

export class LargeLog {
  origin = 'https://large.example';
  /** Which of the states is served, from 1. */
  state = 1;
  /** Answers that were posted, newest last. */
  answers = [];

  constructor(program, module, buckets) {
    this.module = module;
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'symbolon-large-'));
    const done = spawnSync(program, [this.folder, String(buckets)], { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`large-log: ${done.status} ${done.error ?? ''}${done.stderr}`);
    this.about = JSON.parse(this.file('about.json'));
    [this.community, this.codes] = [this.about.community, { member: this.about.code }];
    /** Leaves below a node of level 1, and such nodes of a bucket. */
    [this.leafWidth, this.bucketWidth] = this.about.widths;
  }

  end() { fs.rmSync(this.folder, { recursive: true, force: true }); }

  path(name) { return path.join(this.folder, name); }
  file(name) { return fs.readFileSync(this.path(name)); }

  // Serving.

  /** What the service answers, in place of `fetch`. */
  async serve(url, options) {
    const name = String(url).slice(this.origin.length + 1);
    const { audience, nonce } = this.about;
    const answers = {
      'log/checkpoint': () => this.file(`checkpoint-${this.state}`), 'v1/histogram': () => this.file('histogram'), 'v1/credentials': () => this.file('receipt.json'),
      'v1/community': () => JSON.stringify({ closed: false, epoch: 1 }), [`v1/requests/${nonce}`]: () => this.file('request.json'),
      [`v1/audiences/${audience}/presentations`]: () => {
        this.answers.push(Buffer.from(options.body));
        return JSON.stringify({ verdict: 'accepted' });
      },
    };
    if (answers[name]) return new Response(answers[name]());
    const isOld = name.startsWith('log/tree/') && !name.startsWith(`log/tree/${this.size()}/`);
    return name.startsWith('log/') && !isOld && fs.existsSync(this.path(name)) ? new Response(this.file(name)) : new Response('', { status: 404 });
  }

  /** A wallet that fetches from here; `state`: a file with the wallet, else a new one of the member's words. */
  async wallet({ state = null } = {}) {
    return this.connected(await Wallet.made(this, state ? { state: this.file(state) } : { phrase: this.about.words }));
  }

  connected(wallet) {
    wallet.memory ??= memory;
    wallet.bend = (url, options) => this.serve(url, options);
    wallet.vault.data.services[this.community] = this.origin;
    return wallet;
  }

  // What has to be fetched.

  size(state = this.state) { return this.about.states[state - 1].size; }
  leaves(state = this.state) { return this.about.states[state - 1].leaves; }
  bucketCount(state = this.state) { return this.bucketOf(this.leaves(state) - 1) + 1; }

  /** The parts of the tree of a state from the root down, as {name, level, index}. */
  parts(state = this.state) {
    const counts = { 3: 1, 2: this.bucketCount(state), 1: Math.ceil(this.leaves(state) / this.leafWidth) };
    return [3, 2, 1].flatMap((level) => Array.from({ length: counts[level] }, (_, index) => ({ name: this.part(state, level, index), level, index })));
  }

  bucketOf(place) { return Math.floor(place / (this.leafWidth * this.bucketWidth)); }

  /** Buckets of which leaves are among files, rising. */
  bucketsOf(names) {
    const leaves = this.parts().filter(({ name, level }) => level === 1 && names.includes(name));
    return [...new Set(leaves.map(({ index }) => Math.floor(index / this.bucketWidth)))].sort((a, b) => a - b);
  }

  part(state, level, index) { return `tree/${this.size(state)}/${level}/${grouped(index)}`; }

  /** Names of the tree's parts that somebody wants who has those of another state, or none, and who has had the leaves of these buckets before, or has not. */
  treeFiles(buckets, { from = null, hadLeaves = from !== null } = {}) {
    return this.parts().filter(({ name, level, index }) => {
      if (level === 1 && !buckets.includes(Math.floor(index / this.bucketWidth))) return false;
      if (from === null || (level === 1 && !hadLeaves)) return true;
      const before = this.path(`log/${this.part(from, level, index)}`);
      return !fs.existsSync(before) || !fs.readFileSync(before).equals(this.file(`log/${name}`));
    }).map(({ name }) => name);
  }

  /** Names of the tiles of hashes that lead from the log of a state, or from nothing, to the one that is served. */
  hashFiles(from = null) {
    const [old, size] = [from === null ? 0 : this.size(from), this.size()];
    const [oldFull, full] = [Math.floor(old / tile), Math.floor(size / tile)];
    const named = (level, index, count) => `tile/${level}/${grouped(index)}${count - index * tile < tile ? `.p/${count - index * tile}` : ''}`;
    const names = [];
    for (let index = Math.max(oldFull, full - newest); index * tile < size; index += 1) names.push(named(0, index, size));
    for (let row = Math.floor(oldFull / tile); full > oldFull && row * tile < full; row += 1) names.push(named(1, row, full));
    return names;
  }
}

/** Memory of a wallet's module in MB. It never shrinks: this is the most that was used. */
export const megabytes = (wallet) => wallet.memory.buffer.byteLength / 2 ** 20;

/** Names of the log's files that a wallet asked for since this was called last, in order; without checkpoint and description, which are asked for each time. */
export function taken(wallet) {
  const prefix = `${wallet.world.origin}/log/`;
  const names = wallet.requests.filter(({ url }) => url.startsWith(prefix)).map(({ url }) => url.slice(prefix.length));
  wallet.requests = [];
  return names.filter((name) => name !== 'checkpoint' && name !== 'community.json');
}
