// A second worker that makes half of the large sums of a presentation, with an instance of the same module of its own. The two share one piece of memory,
// through which terms and sums go, and nothing else: no memory of the module. Where the browser does not isolate the page, there is none, and the first
// worker makes all sums itself.
const [preparing, idle, asked, answered, over] = [0, 1, 2, 3, 4];
const [state, curve, gates, length] = [0, 1, 2, 3];
/** Bytes before the terms, bytes of all, and bytes of a sum at most: the memory of three elements of a field. */
const head = 16, all = 2 ** 16, sumSize = 128;
/** Milliseconds after which a sum is no longer waited for. */
const patience = 5000;

/** The first worker's end. */
export class Helper {
  #words;
  #bytes;
  #memory;

  constructor(shared, memory) {
    this.#words = new Int32Array(shared);
    this.#bytes = new Uint8Array(shared);
    this.#memory = memory;
  }

  /** Null where there can be none. `memory` gives the memory of the module that asks; `start` hands what is shared to a new worker, which serves it. */
  static start(memory, start) {
    if (!start || !globalThis.crossOriginIsolated || !(globalThis.navigator?.hardwareConcurrency > 1)) return null;
    try {
      const shared = new SharedArrayBuffer(all);
      start(shared);
      return new Helper(shared, memory);
    } catch { return null; }
  }

  /** Whether it could make a sum now. */
  get isReady() { return Atomics.load(this.#words, state) === idle; }

  /** Hands over the terms of a sum: 1, or 0 if there is nobody who could make it now. */
  begin(number, size, at, count) {
    if (!this.isReady || count < 0 || count > all - head) return 0;
    this.#words[curve] = number;
    this.#words[gates] = size;
    this.#words[length] = count;
    this.#bytes.set(new Uint8Array(this.#memory(), at >>> 0, count), head);
    Atomics.store(this.#words, state, asked);
    Atomics.notify(this.#words, state);
    return 1;
  }

  /** Waits for that sum: 1, or 0 if it does not come; then it is not asked again. */
  end(at, count) {
    if (Atomics.wait(this.#words, state, asked, patience) === 'timed-out') Atomics.compareExchange(this.#words, state, asked, over);
    if (Atomics.load(this.#words, state) !== answered || count > sumSize) return 0;
    new Uint8Array(this.#memory(), at >>> 0, count).set(this.#bytes.subarray(head, head + count));
    this.#bytes.fill(0, head);
    Atomics.store(this.#words, state, idle);
    Atomics.notify(this.#words, state);
    return 1;
  }

  /** The other end overwrites what it has, and ends. */
  close() {
    Atomics.store(this.#words, state, over);
    Atomics.notify(this.#words, state);
    this.#bytes.fill(0, head);
  }
}

/** The second worker's end: works until the first says that it is over. `prepare` derives the generators of the instance. */
export function serve({ module, shared }, prepare) {
  const words = new Int32Array(shared), bytes = new Uint8Array(shared);
  let wasm = null;
  const own = () => new Uint8Array(wasm.memory.buffer);
  try {
    // A sum has no randomness in it, and is not divided once more.
    const env = { help_begin: () => 0, help_end: () => 0, fill_random: () => { throw new Error('a sum is not random'); } };
    wasm = new WebAssembly.Instance(module, { env }).exports;
    prepare(wasm);
    const [terms, sum] = [wasm.help_room(all) >>> 0, wasm.help_room(sumSize) >>> 0];
    Atomics.compareExchange(words, state, preparing, idle);
    for (;;) {
      const now = Atomics.load(words, state);
      if (now === over) return;
      if (now !== asked) {
        Atomics.wait(words, state, now);
        continue;
      }
      const count = words[length];
      own().set(bytes.subarray(head, head + count), terms);
      wasm.help(words[curve], words[gates], terms, count, sum);
      own().fill(0, terms, terms + count);
      bytes.set(own().subarray(sum, sum + sumSize), head);
      Atomics.compareExchange(words, state, asked, answered);
      Atomics.notify(words, state);
    }
  } finally {
    // Who waits goes on alone.
    Atomics.store(words, state, over);
    Atomics.notify(words, state);
    if (wasm) own().fill(0);
    bytes.fill(0, head);
  }
}
