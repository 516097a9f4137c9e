// Plays a record in a worker, alone and with a second worker that makes half of the large sums and runs this same file; then a record in which one answer
// is another, which must be noticed.
import { Helper, serve } from '/helper.js';
import { replay } from '/replay.js';

self.onmessage = async ({ data: { help, files } }) => {
    if (help) return serve(help, (wasm) => wasm.measure_tables(1));
    const [module, record] = await Promise.all(files.map(async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer())));
    const compiled = await WebAssembly.compile(module);
    const startHelp = async (memory) => {
        const start = (shared) => new Worker(self.location.href, { type: 'module' }).postMessage({ help: { module: compiled, shared } });
        const helper = Helper.start(memory, start);
        while (helper && !helper.isReady) await new Promise((next) => setTimeout(next, 10));
        return helper;
    };
    const [alone, helped] = [await replay(compiled, record), await replay(compiled, record, startHelp)];
    // The first call is of a field, with two arguments and 64 bytes of input.
    record[1 + 2 * 8 + 4 + 64 + 8 + 4] ^= 1;
    postMessage([alone, helped, await replay(compiled, record)]);
};
