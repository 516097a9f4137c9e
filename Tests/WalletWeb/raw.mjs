// The module without core.js: calls by name, with whatever bytes.
import crypto from 'node:crypto';

/** The module as it is, without core.js: calls by name with raw bytes. */
export async function raw(bytes) {
  const module = await WebAssembly.compile(bytes);
  const env = {
    fill_random: (at, count) => { crypto.randomFillSync(new Uint8Array(wasm.memory.buffer, at >>> 0, count)); },
    help_begin: () => 0, help_end: () => 0,
  };
  const { exports: wasm } = await WebAssembly.instantiate(module, { env });
  const session = wasm.session();
  return {
    wasm, session,
    call(name, input) {
      const at = wasm.room(session, input.length) >>> 0;
      new Uint8Array(wasm.memory.buffer).set(input, at);
      const status = wasm[name](session);
      const answer = Buffer.from(new Uint8Array(wasm.memory.buffer, wasm.answer(session) >>> 0, wasm.answer_length(session)));
      wasm.wipe(session);
      return { status, answer };
    },
  };
}

const field = (content) => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(content.length);
  return Buffer.concat([length, content]);
};
/** Fields of a call. */
export const fields = (...contents) => Buffer.concat(contents.map((content) => field(Buffer.from(content))));

/** A generator with a seed, so that what fails fails again: numbers below a bound. */
export function generator(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return Math.floor(state / 65536) % below;
  };
}

/** The same bytes with something wrong: a byte changed, the end gone, a piece twice, a piece of zeros or ones. */
export function damaged(bytes, random) {
  const changed = Buffer.from(bytes);
  if (changed.length === 0) return Buffer.from([random(256)]);
  const at = random(changed.length), length = 1 + random(Math.min(64, changed.length - at));
  switch (random(6)) {
    case 0: changed[at] ^= 1 << random(8); return changed;
    case 1: changed[at] = random(256); return changed;
    case 2: return changed.subarray(0, at);
    case 3: return Buffer.concat([changed.subarray(0, at + length), changed.subarray(at)]);
    case 4: return changed.fill(0, at, at + length);
    default: return changed.fill(255, at, at + length);
  }
}
