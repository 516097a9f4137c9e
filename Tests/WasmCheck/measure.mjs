// Prints what the WebAssembly test module takes in node, as JSON: field operations in nanoseconds, tables and presentations in milliseconds of
// this process's CPU. Arguments: the module, the depth of the tree, how many presentations.
import crypto from 'node:crypto';
import fs from 'node:fs';

const [file, depth, count] = [process.argv[2], Number(process.argv[3] ?? 4), Number(process.argv[4] ?? 20)];
const env = { fill_random: (at, length) => crypto.randomFillSync(new Uint8Array(wasm.memory.buffer, at, length)), help_begin: () => 0, help_end: () => 0 };
const bytes = fs.readFileSync(file);
const wasm = (await WebAssembly.instantiate(bytes, { env })).instance.exports;
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

// Milliseconds of CPU that some work takes.
function spent(work) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
}
function must(done) {
    if (done <= 0) throw new Error('the module could not do what is measured');
    return done;
}

const fields = {};
for (const [field, name] of ['p', 'n'].entries()) {
    fields[name] = {};
    for (const [operation, what] of ['product', 'square', 'sum', 'difference', 'is_zero'].entries()) {
        const times = Array.from({ length: 21 }, () => spent(() => wasm.measure_field(field, operation, 100000)) * 10);
        fields[name][what] = Number(median(times).toFixed(1));
    }
}
const tables = spent(() => wasm.measure_tables(depth));
const tree = must(wasm.measure_tree(depth));
let length = 0;
const first = spent(() => (length = must(wasm.measure_presentation(tree))));
const presentations = Array.from({ length: count }, () => spent(() => must(wasm.measure_presentation(tree))));
must(wasm.measure_verification(tree));
const verifications = Array.from({ length: count }, () => spent(() => must(wasm.measure_verification(tree))));
console.log(JSON.stringify({
    module_bytes: bytes.length, field_ns: fields, tables_ms: Math.round(tables), depth, presentation_bytes: length,
    first_presentation_ms: Math.round(first), presentation_ms: Number(median(presentations).toFixed(1)),
    verification_ms: Number(median(verifications).toFixed(1)), memory_mb: wasm.memory.buffer.byteLength / 2 ** 20,
}, null, 2));
