// What every host of the WebAssembly test module shares: the entrances that are called, randomness that can be repeated, and the record of a run,
// which any host can play again and must get the same bytes. replay.c does the same for hosts without JavaScript.

// Entrances in the order of their numbers: how many arguments come before the piece of memory, and whether that is given.
export const entrances = [
    ['field', 2, true], ['sum', 3, true], ['base_point', 1, true], ['hash_to_curve', 2, true], ['sponge', 3, true], ['generator', 2, true],
    ['sha256', 1, true], ['random_scalar', 0, true], ['schema_digest', 1, true], ['scope', 1, true], ['request', 2, true],
    ['wallet_secret', 2, true], ['whole_way', 1, false], ['verify_presentation', 1, true], ['present', 3, true],
];
export const size = 1 << 16;

// Randomness of one call: by Marsaglia's xorshift from the call's number, so that each call can be repeated without those before it.
export function seeded(number) {
    let x = Math.imul(number + 1, 0x9E3779B1) | 1;
    return (bytes) => {
        for (let i = 0; i < bytes.length; i++) {
            x ^= x << 13;
            x ^= x >>> 17;
            x ^= x << 5;
            bytes[i] = x >>> 8;
        }
    };
}

// An instance of the module, with the number of calls that it made for randomness; `number` is that of the call which goes on. `startHelp` makes the
// first worker's end of a second one that makes sums for it (helper.js), from what gives the instance's memory.
export async function open(module, startHelp = null) {
    const host = { number: 0, randomCalls: 0, helpedSums: 0, random: seeded(0), helper: null };
    const env = {
        fill_random(at, count) {
            host.randomCalls++;
            host.random(new Uint8Array(host.exports.memory.buffer, at, count));
        },
        help_begin: (...given) => host.helper?.begin(...given) ?? 0,
        help_end(...given) {
            const done = host.helper.end(...given);
            host.helpedSums += done;
            return done;
        },
    };
    const made = await WebAssembly.instantiate(module, { env });
    host.exports = (made.instance ?? made).exports;
    host.helper = await startHelp?.(() => host.exports.memory.buffer);
    host.room = host.exports.room(size);
    host.memory = () => new Uint8Array(host.exports.memory.buffer, host.room, size);
    host.call = (entrance, given) => {
        host.random = seeded(host.number++);
        const [name, , takesRoom] = entrances[entrance];
        return host.exports[name](...given, ...(takesRoom ? [host.room] : []));
    };
    return host;
}

// A record is a row of calls: entrance (1 byte), arguments (8 bytes each), then input, result (8 bytes) and output; input and output after their
// length (4 bytes). All little-endian.
export class Writer {
    #parts = [];

    add(entrance, given, input, result, output) {
        const head = new DataView(new ArrayBuffer(1 + 8 * given.length + 4));
        head.setUint8(0, entrance);
        given.forEach((value, i) => head.setBigInt64(1 + 8 * i, BigInt(value), true));
        head.setUint32(1 + 8 * given.length, input.length, true);
        const tail = new DataView(new ArrayBuffer(12));
        tail.setBigInt64(0, BigInt(result ?? 0), true);
        tail.setUint32(8, output.length, true);
        this.#parts.push(new Uint8Array(head.buffer), input, new Uint8Array(tail.buffer), output);
    }

    get bytes() {
        const all = new Uint8Array(this.#parts.reduce((sum, part) => sum + part.length, 0));
        let at = 0;
        for (const part of this.#parts) {
            all.set(part, at);
            at += part.length;
        }
        return all;
    }
}

// Plays a record: how many calls there were, how many sums a second worker made, and what went otherwise at the first call that did.
export async function replay(module, record, startHelp = null) {
    const host = await open(module, startHelp), view = new DataView(record.buffer, record.byteOffset, record.byteLength);
    let at = 0;
    const piece = () => {
        const length = view.getUint32(at, true);
        at += 4 + length;
        return record.subarray(at - length, at);
    };
    while (at < record.length) {
        const entrance = view.getUint8(at++), [name, count] = entrances[entrance];
        const given = Array.from({ length: count }, (_, i) => view.getBigInt64(at + 8 * i, true));
        at += 8 * count;
        host.memory().set(piece());
        // Votes and bounds are of 64 bits, which JavaScript passes as big integers.
        const result = host.call(entrance, given.map((value, i) => (name === 'present' && i > 0 ? value : Number(value))));
        const wanted = view.getBigInt64(at, true);
        at += 8;
        const output = piece(), got = host.memory();
        if (BigInt(result ?? 0) !== wanted || output.some((byte, i) => byte !== got[i])) {
            return { calls: host.number, helpedSums: host.helpedSums, difference: `call ${host.number - 1} of ${name}(${given})` };
        }
    }
    host.helper?.close();
    return { calls: host.number, helpedSums: host.helpedSums, difference: null };
}
