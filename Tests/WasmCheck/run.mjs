// Runs the WebAssembly test module and compares it with node's own big integers, hashes and secp256k1. Exits 1 at the first difference. With a
// second argument it writes there what was called and answered, for other hosts to do again (replay.js).
import crypto from 'node:crypto';
import fs from 'node:fs';
import { Writer, entrances, open, size } from './replay.js';

const host = await open(fs.readFileSync(process.argv[2]));
const room = host.room;
const record = new Writer();
let checks = 0;

// The last call, of which the test has not yet read all that it wants to.
let last = null;
function finish() {
    if (last) record.add(last.entrance, last.given, last.input, last.result, new Uint8Array(host.memory().subarray(0, last.read)));
    last = null;
}
let input = Buffer.alloc(0);
const wasm = {};
for (const [entrance, [name, count]] of entrances.entries()) {
    wasm[name] = (...all) => {
        finish();
        const given = all.slice(0, count);
        last = { entrance, given, input, read: 0 };
        last.result = host.call(entrance, given);
        input = Buffer.alloc(0);
        return last.result;
    };
}
const write = (...pieces) => {
    finish();
    input = Buffer.concat(pieces);
    if (input.length > size) throw new Error('the test has too much input');
    host.memory().set(input);
};
const read = (count) => {
    if (last) last.read = Math.max(last.read, count);
    return Buffer.from(host.memory().subarray(0, count));
};
function same(got, wanted, what) {
    checks++;
    const g = Buffer.isBuffer(got) ? got.toString('hex') : String(got);
    const w = Buffer.isBuffer(wanted) ? wanted.toString('hex') : String(wanted);
    if (g !== w) {
        console.error(`check-wasm: ${what}: got ${g}, wanted ${w}`);
        process.exit(1);
    }
}

// Plain twins.
const p = 2n ** 256n - 2n ** 32n - 977n;
const n = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141n;
const mod = (a, m) => ((a % m) + m) % m;
const integer = (b) => BigInt('0x' + (b.toString('hex') || '0'));
const encode = (a) => Buffer.from(a.toString(16).padStart(64, '0'), 'hex');
function power(a, e, m) {
    let r = 1n;
    for (a = mod(a, m); e > 0n; e >>= 1n, a = (a * a) % m) if (e & 1n) r = (r * a) % m;
    return r;
}
const inverse = (a, m) => power(a, m - 2n, m);
const isSquare = (a, m) => mod(a, m) === 0n || power(a, (m - 1n) / 2n, m) === 1n;
// Affine points [x, y], null for the identity.
function add(a, b, m) {
    if (!a) return b;
    if (!b) return a;
    if (a[0] === b[0] && mod(a[1] + b[1], m) === 0n) return null;
    const slope = a[0] === b[0] ? 3n * a[0] * a[0] * inverse(2n * a[1], m) : (b[1] - a[1]) * inverse(mod(b[0] - a[0], m), m);
    const x = mod(slope * slope - a[0] - b[0], m);
    return [x, mod(slope * (a[0] - x) - a[1], m)];
}
function times(k, a, m) {
    let r = null;
    for (; k > 0n; k >>= 1n, a = add(a, a, m)) if (k & 1n) r = add(r, a, m);
    return r;
}
const compressed = (a) => Buffer.concat([Buffer.from([a[1] & 1n ? 3 : 2]), encode(a[0])]);
const littleEndian = (b) => integer(Buffer.from(b).reverse());

// Fields: edges in all pairs, then random values.
for (const [id, m] of [[0, p], [1, n]]) {
    const edges = [0n, 1n, 2n, m - 2n, m - 1n, m, m + 1n, 2n ** 256n - 1n, 2n ** 256n - 2n, 2n ** 255n, 2n ** 64n - 1n, 2n ** 192n, 2n ** 256n - 2n ** 64n,
        2n ** 32n + 977n, 2n ** 256n - m, (m - 1n) / 2n, (m + 1n) / 2n, 0xFFFFFFFF00000000FFFFFFFF00000000FFFFFFFF00000000FFFFFFFF00000000n];
    const pairs = edges.flatMap((a) => edges.map((b) => [a, b]));
    for (let i = 0; i < 200; i++) pairs.push([integer(crypto.randomBytes(32)), integer(crypto.randomBytes(32))]);
    for (const [a, b] of pairs) {
        const wide = integer(Buffer.concat([encode(a), encode(b)]).reverse());
        const wanted = [a + b, a - b, a * b, a * a, -a, inverse(a, m), undefined, a * (mod(b, m) & 0xFFFFn), wide];
        for (let operation = 0; operation < 9; operation++) {
            if ((operation === 5 || operation === 6) && checks % 7) continue;  // slow ones on a part
            write(encode(a), encode(b));
            const done = wasm.field(id, operation, room);
            const what = `operation ${operation} modulo ${id ? 'n' : 'p'} of ${a} and ${b}`;
            if (operation === 6) {
                same(done, isSquare(a, m) ? 1 : 0, what);
                if (done) same(mod(integer(read(32)) ** 2n, m), mod(a, m), what);
            } else {
                same(read(32), encode(mod(wanted[operation], m)), what);
            }
        }
    }
}

// Curves: every way of multiplying, against schoolbook arithmetic and on secp256k1 also against OpenSSL.
for (const [id, m, order] of [[0, p, n], [1, n, p]]) {
    same(wasm.base_point(id, room), 33, 'base point');
    const encodedBase = read(33);
    const x = integer(encodedBase.subarray(1));
    let y = power(mod(x ** 3n + 7n, m), (m + 1n) / 4n, m);
    if (id === 1) {
        write(encode(mod(x ** 3n + 7n, m)), encode(0n));
        same(wasm.field(1, 6, room), 1, 'y of the base point');
        y = integer(read(32));
    }
    if (Number(y & 1n) !== (encodedBase[0] & 1)) y = m - y;
    const base = [x, y];
    same(mod(y * y - x ** 3n - 7n, m), 0n, 'base point on its curve');
    for (const k of [1n, 2n, 3n, 15n, 16n, 17n, order - 1n, order - 2n, order / 2n, 2n ** 255n, ...Array.from({ length: 3 }, () => mod(integer(crypto.randomBytes(32)), order))]) {
        const wanted = compressed(times(k, base, m));
        if (id === 0) {
            const ecdh = crypto.createECDH('secp256k1');
            ecdh.setPrivateKey(encode(k));
            same(ecdh.getPublicKey(null, 'compressed'), wanted, 'OpenSSL and the plain twin');
        }
        for (let way = 0; way < 3; way++) {
            write(encode(k), encodedBase);
            same(wasm.sum(id, way, 1, room), 33, `${k} times the base point, way ${way}`);
            same(read(33), wanted, `${k} times the base point, way ${way}`);
        }
    }
    write(encode(0n), encodedBase);
    same(wasm.sum(id, 0, 1, room), 0, 'zero times the base point');
    write(encode(order), encodedBase);
    same(wasm.sum(id, 0, 1, room), -1, 'a scalar that is not canonical');
    write(encode(1n), Buffer.from([4]), encode(x));
    same(wasm.sum(id, 0, 1, room), -1, 'an unknown prefix');
    write(encode(1n), Buffer.from([2]), encode(m));
    same(wasm.sum(id, 0, 1, room), -1, 'x at the modulus');
    // Few points go another way than many.
    for (const count of [5, 47, 48, 200]) {
        const scalars = [], points = [];
        let total = 0n;
        let point = base;
        for (let i = 0; i < count; i++) {
            const k = i % 5 === 0 ? BigInt(i) : mod(integer(crypto.randomBytes(32)), order);
            scalars.push(encode(k));
            points.push(compressed(point));
            total += k * BigInt(i + 1);
            point = add(point, base, m);
        }
        write(...scalars, ...points);
        same(wasm.sum(id, 0, count, room), 33, `sum of ${count} products`);
        same(read(33), compressed(times(mod(total, order), base, m)), `sum of ${count} products`);
    }
}

// Hash to curve, by the vectors of RFC 9380.
const rfc = JSON.parse(fs.readFileSync(new URL('../Vectors/rfc9380-secp256k1_XMD_SHA-256_SSWU_RO.json', import.meta.url)));
for (const vector of rfc.vectors) {
    const message = Buffer.from(vector.msg), domain = Buffer.from(rfc.dst);
    write(message, domain);
    same(wasm.hash_to_curve(message.length, domain.length, room), 33, 'hash to curve');
    same(read(33), compressed([BigInt(vector.P.x), BigInt(vector.P.y)]), `hash to curve of "${vector.msg}"`);
}

// Hashes and the sponge, at the edges of their blocks.
const shake = (data, count) => crypto.createHash('shake128', { outputLength: count }).update(data).digest();
for (const count of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000]) {
    const data = crypto.randomBytes(count);
    write(data);
    wasm.sha256(count, room);
    same(read(32), crypto.createHash('sha256').update(data).digest(), `SHA-256 of ${count} bytes`);
}
for (const [first, second, count] of [[0, 0, 32], [1, 0, 168], [167, 1, 5], [168, 168, 100], [135, 136, 169], [500, 3, 400]]) {
    const id = crypto.randomBytes(32), a = crypto.randomBytes(first), b = crypto.randomBytes(second);
    write(id, a, b);
    wasm.sponge(first, second, count, room);
    const start = Buffer.concat([id, Buffer.alloc(136), a]);
    const tail = second === 0 ? shake(start, 3 * count).subarray(2 * count) : shake(Buffer.concat([start, b]), count);
    same(read(3 * count), Buffer.concat([shake(start, 2 * count), tail]), `sponge ${first} ${second} ${count}`);
}

// Generators, derived here once more.
const prefixed = (b) => { const l = Buffer.alloc(4); l.writeUInt32LE(b.length); return Buffer.concat([l, b]); };
const session = (tag) => shake(Buffer.concat([Buffer.from('irtf-cfrg-fiat-shamir/session-id'), Buffer.alloc(136), Buffer.from(tag)]), 32);
for (const [id, m, name] of [[0, p, 'secp256k1'], [1, n, 'secq256k1']]) {
    for (const index of [0, 9, 10, 255, 4095]) {
        const state = Buffer.concat([session('SYMBOLON-V01-generators'), Buffer.alloc(136), prefixed(Buffer.from(name)), prefixed(Buffer.from(`G/${index}`))]);
        let at = 0, x, prefix;
        do {
            const piece = shake(state, at + 49).subarray(at);
            x = mod(littleEndian(piece.subarray(0, 48)), m);
            prefix = 2 + (piece[48] & 1);
            at += 49;
        } while (!isSquare(x ** 3n + 7n, m));
        wasm.generator(id, index, room);
        same(read(33), Buffer.concat([Buffer.from([prefix]), encode(x)]), `generator G/${index} of ${name}`);
    }
}

// The member's half: the model's vectors, and encodings written down here once more.
const vectors = JSON.parse(fs.readFileSync(new URL('../Vectors/encodings-v1.json', import.meta.url)));
const text = (value) => Buffer.from(JSON.stringify(value));
const hexBytes = (s) => Buffer.from(s, 'hex');
const u32 = (v) => { const l = Buffer.alloc(4); l.writeUInt32LE(v >>> 0); return l; };
const i64 = (v) => { const l = Buffer.alloc(8); l.writeBigInt64LE(BigInt(v)); return l; };
for (const { attributes, digest } of vectors.schemas) {
    const schema = text(attributes.map(([name, kind, least, greatest]) => ({ name, kind, least, greatest })));
    write(schema);
    same(wasm.schema_digest(schema.length, room), 32, 'schema');
    same(read(32), hexBytes(digest), 'schema digest');
    write(schema.subarray(0, schema.length - 1));
    same(wasm.schema_digest(schema.length - 1, room), -1, 'schema cut short');
}
for (const { encoded, base, ...scope } of vectors.scopes) {
    const json = text(scope);
    write(json);
    same(wasm.scope(json.length, room), (encoded.length + base.length) / 2, `scope ${scope.purpose}`);
    same(read((encoded.length + base.length) / 2), hexBytes(encoded + base), `scope ${scope.purpose}`);
}
{
    const schema = text([{ name: 'votes', kind: 'growing', least: 0, greatest: 5000 }, { name: 'group', kind: 'fixed', least: 0, greatest: 3 }]);
    write(schema);
    wasm.schema_digest(schema.length, room);
    const digest = read(32);
    const { encoded, base, ...scope } = vectors.scopes.find((s) => s.purpose === 'act');
    const asked = { version: 1, community: scope.community, schema: digest.toString('hex'), epoch: 4294967295, audience: scope.audience, nonce: '07'.repeat(16),
        expires: 9007199254740991, scopes: [scope], disclose: ['group'], predicates: ['3*votes >= -20'] };
    const context = Buffer.concat([hexBytes(asked.community), digest, u32(asked.epoch), hexBytes(asked.audience), prefixed(hexBytes(asked.nonce)),
        i64(asked.expires), u32(0)]);
    const canonical = Buffer.concat([Buffer.from('SYMBOLON-V01-request'), context, u32(1), prefixed(hexBytes(encoded)), u32(0), u32(1), u32(2), u32(1),
        u32(1), u32(1), u32(3), i64(-20)]);
    const wanted = Buffer.concat([canonical, crypto.createHash('sha256').update('SYMBOLON-V01-context').update(context).digest()]);
    const json = text(asked);
    write(schema, json);
    same(wasm.request(schema.length, json.length, room), wanted.length, 'request');
    same(read(wanted.length), wanted, 'request');
    for (const bad of [{ ...asked, extra: 1 }, { ...asked, epoch: 4294967296 }, { ...asked, predicates: ['karma >= 1'] }, { ...asked, nonce: '07' }]) {
        const json = text(bad);
        write(schema, json);
        same(wasm.request(schema.length, json.length, room), -1, 'bad request');
    }
}
{
    const phrase = Buffer.from('abandon '.repeat(23) + 'art');
    const key = crypto.hkdfSync('sha256', Buffer.alloc(32), 'SYMBOLON-V01-seed', Buffer.concat([Buffer.from('secret'), u32(1), Buffer.from([0])]), 48);
    write(phrase);
    same(wasm.wallet_secret(phrase.length, 1, room), 32, 'phrase');
    same(read(32), encode(mod(littleEndian(Buffer.from(key)), n)), 'secret of a phrase');
    write(Buffer.from(phrase.toString().replace('art', 'arm')));
    same(wasm.wallet_secret(phrase.length, 1, room), -1, 'phrase with a wrong word');
}
same(wasm.whole_way(20), 2857, 'bytes of a presentation made and verified here');
same(wasm.whole_way(19), -6, 'who has too few votes');

// Randomness comes from the page.
wasm.random_scalar(room);
const one = read(32);
wasm.random_scalar(room);
same(host.randomCalls >= 2 && !one.equals(read(32)), true, 'randomness of the page');

// Presentations: the verdicts on the published vectors, and proofs made here.
const le = (value, count = 4) => { const b = Buffer.alloc(count); let v = BigInt.asUintN(8 * count, BigInt(value)); for (let i = 0; i < count; i++, v >>= 8n) b[i] = Number(v & 255n); return b; };
const list = (items, encodeItem) => Buffer.concat([le(items.length), ...items.map(encodeItem)]);
const hexed = (text) => prefixed(Buffer.from(text, 'hex'));
function verify(c) {
    const all = Buffer.concat([
        le(c.depth), hexed(c.root), le(c.attributes), hexed(c.context), list(c.scopes, hexed),
        list(c.disclosed, ([index, value]) => Buffer.concat([le(index), Buffer.from(value, 'hex')])),
        list(c.predicates, (q) => Buffer.concat([list(q.weights, ([index, weight]) => Buffer.concat([le(index), le(weight, 8)])), le(q.bound, 8)])),
        hexed(c.presentation)]);
    write(all);
    return wasm.verify_presentation(all.length, room);
}
const seen = {};
for (const c of JSON.parse(fs.readFileSync(new URL('../Vectors/presentations-v1.json', import.meta.url)))) {
    // Every valid one, and of each kind of tampering the first.
    if (!c.valid && (seen[c.why] = (seen[c.why] ?? 0) + 1) > 1) continue;
    const count = verify(c);
    if (c.valid) {
        same(count, c.nullifiers.length, `a presentation at depth ${c.depth}`);
        same(read(33 * count), Buffer.from(c.nullifiers.join(''), 'hex'), 'its nullifiers');
    } else {
        same(count < 0, true, `refusal: ${c.why}`);
    }
}
for (const depth of [1, 2]) {
    const length = wasm.present(depth, 25n, 20n, room);
    same(length > 1000, true, 'a presentation made in WebAssembly');
    const made = read(33 + length);
    const c = {
        depth, root: made.subarray(0, 33).toString('hex'), attributes: 2, context: '07'.repeat(32), scopes: ['010203'], disclosed: [],
        predicates: [{ weights: [[1, 1]], bound: 20 }], presentation: made.subarray(33).toString('hex') };
    same(verify(c), 1, `a presentation made in WebAssembly at depth ${depth}`);
    same(verify({ ...c, predicates: [{ weights: [[1, 1]], bound: 21 }] }), -1, 'under a higher bound');
    same(verify({ ...c, scopes: ['010204'] }), -1, 'under another scope');
    made[33 + 500] ^= 1;
    same(verify({ ...c, presentation: made.subarray(33).toString('hex') }), -1, 'with a bit changed');
    same(wasm.present(depth, 19n, 20n, room), 0, 'a statement that is false');
}

finish();
if (process.argv[3]) fs.writeFileSync(process.argv[3], record.bytes);
console.log(`check-wasm: ${checks} checks in node agree`);
