// The module alone: what it does with bytes that are none of its own, and what is left of secrets.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import { test } from 'node:test';
import { Core } from '../../Sources/WalletWeb/Page/worker/core.js';
import { fields, generator, raw } from './raw.mjs';
import { failureOf } from './world.mjs';

const bytes = fs.readFileSync(process.env.SYMBOLON_WALLET_MODULE);
const phrase = 'abandon '.repeat(23) + 'art';

test('phrases: made, read back, and what is wrong with others', async () => {
  const core = await Core.load(bytes);
  const fresh = core.newPhrase();
  assert.equal(fresh.split(' ').length, 24);
  core.create(fresh, null);
  assert.equal(core.phrase(), fresh);
  core.create(`  ${phrase.toUpperCase().replaceAll(' ', '\n ')} `, 1700000000);
  assert.equal(core.phrase(), phrase);
  assert.equal(core.content()['restored-at'], 1700000000);
  assert.deepEqual(failureOf(() => core.create(phrase.replace('art', 'arm'), null)), { code: 'phrase-checksum' });
  assert.deepEqual(failureOf(() => core.create(phrase.replace('art', 'arf'), null)), { code: 'phrase-unknown-word', word: 'arf', place: 24 });
  assert.deepEqual(failureOf(() => core.create('abandon', null)), { code: 'phrase-word-count', count: 1 });
  assert.equal(failureOf(() => core.create('x'.repeat(100000), null)).code, 'phrase-word-count');
  core.close();
  assert.equal(failureOf(() => core.phrase()).code, 'locked');
});

test('a state is read as it was written, and no other', async () => {
  const core = await Core.load(bytes);
  core.create(phrase, null);
  const state = Buffer.from(core.state());
  core.open(state);
  assert.deepEqual(Buffer.from(core.state()), state);
  const json = JSON.parse(state);
  for (const bad of [{ ...json, version: 2 }, { ...json, more: 1 }, { ...json, seed: '00' }, { ...json, credentials: {} }, { ...json, credentials: [1] }, [], null]) {
    assert.match(failureOf(() => core.open(Buffer.from(JSON.stringify(bad)))).code, /^json-|^wallet-state$/);
  }
  for (let at = 0; at < state.length; at += 7) assert.match(failureOf(() => core.open(state.subarray(0, at))).code, /^json-/);
  // Deeper than the stack would bear.
  assert.equal(failureOf(() => core.open(Buffer.from('['.repeat(1 << 20)))).code, 'json-malformed');
});

test('whatever is written into whichever function, it answers, and soon', async () => {
  const module = await raw(bytes);
  const functions = Object.keys(module.wasm).filter((name) => /_|^restore$|^settle$/.test(name) && !['answer_length', 'help_room'].includes(name) && !name.startsWith('__'));
  assert.ok(functions.length > 30, `${functions}`);
  const schema = [{ name: 'votes', kind: 'growing', least: 0, greatest: 1000 }];
  const key = Buffer.alloc(32, 7);
  const id = crypto.createHash('sha256').update(key).digest();
  const community = JSON.stringify({ version: 1, 'log-key': key.toString('hex'), origin: 'village', schema });
  const setUp = () => {
    assert.equal(module.call('wallet_create', fields(phrase, '')).status, 0);
    assert.equal(module.call('community_open', fields(id, community)).status, 0);
  };
  // Beginnings of what each would take, to get further than the first field.
  const seeds = [
    fields(phrase, ''), fields(id, community), fields(community, id, [1]), fields('{"version":1}'), fields('[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1'), fields([1, 0, 0, 0]), fields([255, 255, 255, 255]),
    fields([0], 'village\n1\nAAAA\n\n— village AAAA\n', [255, 255, 255, 127]), fields(JSON.stringify({ version: 1, signature: '00'.repeat(64), community: id.toString('hex') })),
    fields(crypto.randomBytes(200)), fields(crypto.randomBytes(64), id), fields('tile/0/000', crypto.randomBytes(8192)), fields('tree/1/1/000', crypto.randomBytes(33)),
    fields('TYPED-CODE'), fields('0000-0000-0000-0000-0000-0000-0000'), fields('', '', [0], [1, 0, 0, 0, 0, 0, 0, 128]), fields('9'.repeat(400)), fields('-9223372036854775808'), Buffer.alloc(0),
    fields(JSON.stringify({ version: 1, community: id.toString('hex'), schema: '00'.repeat(32), epoch: 4294967295, audience: '00'.repeat(32), nonce: '00'.repeat(16), expires: 9007199254740991, scopes: [], predicates: ['9999999999999999999*votes >= -9223372036854775808'] }), id, [1]),
    fields([1, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('ffffffff', 'hex'), Buffer.from('ffffff7f00', 'hex'),
  ];
  const random = generator(1);
  setUp();
  const started = Date.now();
  let calls = 0, answered = 0;
  for (const name of functions) {
    const inputs = [...seeds];
    for (let round = 0; round < 60; round += 1) {
      const input = Buffer.from(seeds[random(seeds.length)]);
      const kind = random(4);
      if (kind === 0) inputs.push(input.subarray(0, random(input.length + 1)));
      else if (kind === 1 && input.length > 0) { for (let flips = random(4); flips >= 0; flips -= 1) input[random(input.length)] = random(256); inputs.push(input); }
      else if (kind === 2) inputs.push(Buffer.concat([input, seeds[random(seeds.length)]]));
      else inputs.push(Buffer.from(Array.from({ length: random(300) }, () => random(256))));
    }
    for (const input of inputs) {
      const { status, answer } = module.call(name, input);
      assert.ok(status === 0 || status === 1, `${name}: ${status}`);
      if (status === 1) assert.match(JSON.parse(answer).code, /^[a-z0-9-]+$/);
      else answered += 1;
      calls += 1;
    }
    setUp();
  }
  assert.ok(answered > 0 && calls > 2000);
  assert.ok(Date.now() - started < 60000, 'no call takes long');
});

test('an appeal is a text that people can have written, and proved by somebody', async () => {
  const module = await raw(bytes);
  const audience = Buffer.alloc(32, 1);
  const refused = (text, id = audience, ...more) => {
    const { status, answer } = module.call('appeal_prove', fields(id, text, ...more));
    assert.equal(status, 1);
    return JSON.parse(answer).code;
  };
  assert.equal(refused('Hear me.'), 'wallet-closed');
  assert.equal(module.call('wallet_create', fields(phrase, '')).status, 0);
  assert.equal(refused('Hear me.'), 'community-closed');
  const key = Buffer.alloc(32, 7);
  const id = crypto.createHash('sha256').update(key).digest();
  const schema = [{ name: 'votes', kind: 'growing', least: 0, greatest: 1000 }];
  assert.equal(module.call('community_open', fields(id, JSON.stringify({ version: 1, 'log-key': key.toString('hex'), origin: 'village', schema }))).status, 0);
  // What can be said gets as far as the credential that is not there.
  for (const text of ['Hear me.', 'a\nb', '\n.', '長'.repeat(1333), 'x'.repeat(4000), '\u00a0', '\u{10ffff}', '\u2027\u202a']) assert.equal(refused(text), 'credential-none', JSON.stringify(text));
  for (const text of ['', ' ', '\n \n', 'x'.repeat(4001), `${'長'.repeat(1333)}xx`, 'a\tb', 'a\rb', 'a\u0000b', 'a\u001fb', 'a\u007fb', 'a\u0080b', 'a\u009fb', 'a\u2028b', 'a\u2029']) {
    assert.equal(refused(text), 'appeal-text', JSON.stringify(text));
  }
  // What is no UTF-8: ends too early, begins with a tail, longer than it needs to be, half of a pair, beyond the last character.
  for (const wrong of ['61e2', '61e280', '6180', '61c080', '61e08080', '61eda080', '61f08080', '61f4908080', '61ff', '61c2']) assert.equal(refused(Buffer.from(wrong, 'hex')), 'appeal-text', wrong);
  for (const no of [Buffer.alloc(0), Buffer.alloc(31), Buffer.alloc(33)]) assert.equal(refused('Hear me.', no), 'call-malformed');
  assert.equal(refused('Hear me.', audience, ''), 'call-malformed');
});

test('room is given for what a call can have, and no more', async () => {
  const { wasm, session } = await raw(bytes);
  assert.notEqual(wasm.room(session, 1 << 20), 0);
  assert.equal(wasm.room(session, (1 << 27) + 1), 0);
  assert.equal(wasm.room(session, -1), 0);
});

test('secrets are in memory while a wallet is open, and gone when it is closed', async () => {
  const entropy = crypto.randomBytes(32);
  // The words of these 32 bytes, by the module itself.
  let memory = null;
  const { Instance } = WebAssembly;
  WebAssembly.Instance = function (...given) {
    const instance = new Instance(...given);
    ({ memory } = instance.exports);
    return instance;
  };
  try {
    const core = await Core.load(bytes);
    core.open(Buffer.from(JSON.stringify({ version: 1, seed: entropy.toString('hex'), pending: [], credentials: [], tickets: [] })));
    const key = Buffer.alloc(32, 7);
    const id = crypto.createHash('sha256').update(key).digest('hex');
    core.openCommunity(id, Buffer.from(JSON.stringify({ version: 1, 'log-key': key.toString('hex'), origin: 'village', schema: [{ name: 'votes', kind: 'growing', least: 0, greatest: 9 }] })));
    core.beginClaim(claimCode(Buffer.alloc(16)));
    const words = core.phrase().split(' ');
    const secret = secretOf(entropy);
    const found = (needle) => Buffer.from(memory.buffer).indexOf(needle) >= 0;
    const needles = [entropy, Buffer.from(entropy.toString('hex')), Buffer.from(words.slice(3, 8).join(' ')), secret, Buffer.from(secret).reverse()];
    assert.ok(found(entropy), 'the search finds what is there');
    core.close();
    for (const needle of needles) assert.ok(!found(needle));
    assert.equal(new Uint8Array(memory.buffer).some((byte) => byte !== 0), false);
  } finally {
    WebAssembly.Instance = Instance;
  }
});

test('rooms and answers are wiped when they were used', async () => {
  const { wasm, session, call } = await raw(bytes);
  const input = fields(phrase, '');
  const at = wasm.room(session, input.length) >>> 0;
  new Uint8Array(wasm.memory.buffer).set(input, at);
  assert.equal(wasm.wallet_create(session), 0);
  assert.equal(Buffer.from(wasm.memory.buffer, at, input.length).indexOf('abandon'), -1);
  assert.equal(call('wallet_phrase', Buffer.alloc(0)).answer.toString(), phrase);
  wasm.close(session);
  assert.equal(call('wallet_phrase', Buffer.alloc(0)).status, 1);
});

/** s of a seed: HKDF as the protocol derives it, modulo n. */
function secretOf(entropy) {
  const info = Buffer.concat([Buffer.from('secret'), Buffer.alloc(4), Buffer.alloc(1)]);
  const derived = Buffer.from(crypto.hkdfSync('sha256', entropy, 'SYMBOLON-V01-seed', info, 48));
  const n = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141n;
  const value = BigInt(`0x${derived.reverse().toString('hex')}`) % n;
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
}

/** A claim code of 16 bytes, as people type it. */
function claimCode(code) {
  const hash = crypto.createHash('sha256').update('SYMBOLON-V01-claim-code').update(code).digest();
  const bits = [...code, hash[0], hash[1]].map((byte) => byte.toString(2).padStart(8, '0')).join('').slice(0, 140);
  const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  return bits.match(/.{5}/g).map((five) => digits[parseInt(five, 2)]).join('').match(/.{4}/g).join('-');
}
