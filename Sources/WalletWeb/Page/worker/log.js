// A community's log as the wallet keeps it: the light copy of its tree, what others told of it, and proofs that two histories are signed. The same order of steps as
// `LightMirror` and `CheckpointMemory` of the command line; nothing is believed but what the module verified.
import { Failure } from './failure.js';

/** Files on their way at a time. */
const atOnce = 8;
/** Notes of others that are remembered, and proofs, at most. */
const greatestHeard = 16;
const greatestNote = 2 ** 17;
/** Bytes of 256 entries at most. */
const greatestBundle = 256 * (2 + 65535);
const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { fatal: true });

const sizeOf = (note) => Number(note.split('\n', 2)[1]);

export class Log {
  #core;
  #vault;
  #net;
  #now;
  #progress;

  constructor({ core, vault, net, now, progress }) {
    [this.#core, this.#vault, this.#net, this.#now, this.#progress] = [core, vault, net, now, progress];
  }

  /** What the vault keeps beside the wallet. It can be locked while an answer is waited for: throws `locked`. */
  get data() {
    if (!this.#vault.data) throw new Failure('locked');
    return this.#vault.data;
  }

  /** What the vault keeps under a name, or null. Throws `locked`. */
  async stored(name) { return this.data && this.#vault.copy(name); }

  /** What is remembered of a community's log: the newest checkpoint, those of others that are ahead of it, proofs, and how the copy stood. */
  memory(community) {
    const engine = this.data.engine ??= {};
    const logs = engine.logs ??= {};
    return logs[community] ??= { seen: null, heard: [], forks: [], state: null };
  }

  /** Lays a community and its stored copy before the module; returns when the copy was checked, null without one. */
  async open(community, json = null) {
    this.#core.openCommunity(community, json);
    const stored = await this.stored(community);
    if (!stored) return null;
    // A damaged copy is fetched again: the checkpoint that was seen stays.
    try { this.#core.openCopy(stored); } catch (error) {
      if (error.code === 'core-failed') throw error;
      return null;
    }
    return this.data.copies[community]?.checked ?? null;
  }

  /** Throws `log-fork` when a proof is kept: as long as it is not settled, the tree that this wallet was shown may be its own. */
  refuseFork(community) {
    if (this.memory(community).forks.length > 0) throw new Failure('log-fork', { fork: this.memory(community).forks[0] });
  }

  /**
   * Brings the copy of the community at hand to the newest checkpoint; all of it is verified before anything is kept. The log's and the tree's
   * files are fetched as they changed, which leaf is one's own does not show.
   * Throws what the module says of a checkpoint that is not signed, is older or does not go on; then the copy is as before.
   */
  async update(community, service) {
    const memory = this.memory(community);
    for (let attempts = 3; ; attempts -= 1) {
      const note = await this.#net.bytes(`${service}/log/checkpoint`, { limit: greatestNote });
      await this.#core.checkNote(note);
      const seen = [memory.seen, ...memory.heard].filter((one) => one !== null).map((one) => utf8.encode(one));
      try {
        try {
          await this.#complete(service, note, seen, false);
        } catch (error) {
          // What is new does not go on from what is here: from its beginning the log says whether it was rewritten or the files are broken.
          if (error.code !== 'log-tile' || memory.seen === null) throw error;
          await this.#complete(service, note, seen, true);
        }
      } catch (error) {
        // The tree was replaced while it was fetched.
        if (error.code === 'tree-replaced' && attempts > 1) continue;
        if (error.detail?.fork) await this.#keepFork(community, error.detail.fork, sizeOf(text.decode(note)));
        throw error;
      }
      const state = this.#core.copyState();
      memory.seen = state.note;
      memory.heard = memory.heard.filter((one) => sizeOf(one) > state.size);
      const { note: _, ...rest } = state;
      memory.state = rest;
      await this.#vault.keepCopy(community, this.#core.copyBytes(), { checked: this.#now() });
      return state;
    }
  }

  /** What the copy says of the newest credential, once another is that. */
  lookAgain(community) {
    const memory = this.memory(community);
    if (memory.state) memory.state.held = this.#core.copyState().held;
  }

  async #complete(service, note, seen, afresh) {
    this.#core.beginUpdate(note, seen, afresh);
    let done = 0;
    do {
      for (;;) {
        const { files, more } = this.#core.wanted(atOnce);
        if (files.length === 0) break;
        const read = await Promise.all(files.map(async (file) => ({ file, bytes: await this.#file(service, file) })));
        for (const { file, bytes } of read) this.#core.take(file.name, bytes);
        done += files.length;
        this.#progress({ step: 'fetch', done, total: done + more });
      }
    } while (this.#core.finishUpdate());
  }

  async #file(service, { name, length, full }) {
    const at = (path) => `${service}/log/${path}`;
    const isTree = name.startsWith('tree/');
    const bytes = await this.#net.bytes(at(name), { limit: length, isOptional: true, keeps: true });
    if (bytes) return bytes;
    if (isTree) throw new Failure('tree-replaced');
    // A partial tile gives way to the full one; it begins with the same hashes.
    const whole = full ? await this.#net.bytes(at(full), { limit: 256 * 32, isOptional: true, keeps: true }) : null;
    if (!whole) throw new Failure('log-missing');
    return whole.subarray(0, length);
  }

  /** Reads the whole log of the community at hand to the copy's checkpoint, held against its rules; then the module can settle, renew and restore. */
  async read(service) {
    this.#core.beginReading();
    let done = 0;
    for (;;) {
      const { bundles, more } = this.#core.bundles(atOnce);
      if (bundles.length === 0) return;
      const read = await Promise.all(bundles.map((bundle) => this.#bundle(service, bundle)));
      for (const { bytes, isFull } of read) this.#core.takeBundle(bytes, isFull);
      done += bundles.length;
      this.#progress({ step: 'search', done, total: done + more });
    }
  }

  async #bundle(service, { name, full }) {
    const options = { limit: greatestBundle, isOptional: true, keeps: true };
    const bytes = await this.#net.bytes(`${service}/log/${name}`, options);
    if (bytes) return { bytes, isFull: false };
    const whole = full ? await this.#net.bytes(`${service}/log/${full}`, options) : null;
    if (!whole) throw new Failure('log-missing');
    return { bytes: whole, isFull: true };
  }

  async #keepFork(community, fork, size) {
    const memory = this.memory(community);
    // One proves as much as many.
    if (memory.forks.length < greatestHeard) memory.forks.push(fork);
    memory.heard = memory.heard.filter((one) => sizeOf(one) > size);
    await this.#vault.save();
  }

  /** Holds a checkpoint that somebody told against the copy. One that is ahead is remembered: the next update has to contain it. Throws `log-fork`. */
  async hear(community, told) {
    const note = utf8.encode(told);
    await this.#core.checkNote(note);
    const { standing, fork } = this.#core.standing(note);
    if (standing === 'contradicts') {
      await this.#keepFork(community, fork, 0);
      throw new Failure('log-fork', { fork });
    }
    const memory = this.memory(community);
    if (standing === 'contained' || memory.heard.includes(told)) return;
    if (memory.heard.length >= greatestHeard) throw new Failure('checkpoint-backlog');
    memory.heard.push(told);
    await this.#vault.save();
  }
}
