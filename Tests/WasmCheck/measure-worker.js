// The test module in a worker, as a wallet's page has it: each message {name, given} is a call, answered by its result and its milliseconds. With
// `load` comes whether a second worker helps, which runs this same file.
import { Helper, serve } from '/helper.js';

let wasm, helper;

function fillRandom(at, count) {
    for (let from = 0; from < count; from += 65536) {
        crypto.getRandomValues(new Uint8Array(wasm.memory.buffer, at + from, Math.min(65536, count - from)));
    }
}

async function load(isHelped) {
    const start = performance.now();
    const module = await WebAssembly.compileStreaming(fetch('/module.wasm'));
    const begin = (shared) => new Worker('/measure-worker.js', { type: 'module' }).postMessage({ help: { module, shared } });
    const help = { help_begin: (...given) => helper?.begin(...given) ?? 0, help_end: (...given) => helper?.end(...given) ?? 0 };
    wasm = new WebAssembly.Instance(module, { env: { fill_random: fillRandom, ...help } }).exports;
    helper = Helper.start(() => wasm.memory.buffer, isHelped ? begin : null);
    return performance.now() - start;
}

self.onmessage = async ({ data: { name, given, help } }) => {
    if (help) return serve(help, (other) => other.measure_tables(4));
    if (name === 'load') {
        const time = await load(given[0]);
        return postMessage({ result: wasm.memory.buffer.byteLength, time });
    }
    const start = performance.now();
    const result = wasm[name](...given);
    postMessage({ result: Number(result ?? 1), time: performance.now() - start, memory: wasm.memory.buffer.byteLength });
};
