// Services that lie, and whoever stands between: nothing of it is taken over, and what was there before stays.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { World, failure } from './world.mjs';

let world, ann;
before(async () => {
  world = new World(process.env.SYMBOLON_BINARY, fs.readFileSync(process.env.SYMBOLON_WALLET_MODULE));
  await world.start();
  ann = await world.wallet();
  await ann.joined('ann');
});
after(() => world?.end());

const body = async (url, options) => Buffer.from(await (await fetch(url, options)).arrayBuffer());

/** Runs with answers of some address changed; what the engine throws, and the copy as it was before. */
async function bent(wallet, matches, change, run) {
  const before = wallet.vault.stored.get(world.community)?.toString() ?? null;
  let hits = 0;
  wallet.bend = async (url, options) => {
    if (!matches(url)) return null;
    hits += 1;
    return change(await body(url, options), url);
  };
  try {
    return await run();
  } finally {
    wallet.bend = null;
    assert.ok(hits > 0, 'the address was asked for');
    assert.equal(wallet.vault.stored.get(world.community)?.toString() ?? null, before, 'the copy is as before');
  }
}

const flipped = (bytes, at) => {
  const changed = Buffer.from(bytes);
  changed[at] ^= 1;
  return new Response(changed);
};
const syncError = async (wallet) => (await wallet.engine.sync()).communities[0].error;

test('a checkpoint that is not signed so', async () => {
  const matches = (url) => url.endsWith('/log/checkpoint');
  for (const change of [
    // Another size, another root, another signature, another name, none at all.
    (note) => new Response(note.toString().replace(/\n(\d+)\n/, (_, size) => `\n${Number(size) + 1}\n`)),
    (note) => flipped(note, note.indexOf('\n', note.indexOf('\n') + 1) + 3),
    (note) => flipped(note, note.length - 20),
    (note) => new Response(note.toString().replaceAll('village', 'another')),
    (note) => new Response(note.subarray(0, note.indexOf('\n\n') + 2)),
    () => new Response(''), () => new Response(crypto.randomBytes(300)),
  ]) assert.match(await bent(ann, matches, change, () => syncError(ann)), /^(note|checkpoint)-/);
});

test('what is larger than it can be is not read, and nobody sends the wallet elsewhere', async () => {
  const matches = (url) => url.endsWith('/log/checkpoint');
  assert.equal(await bent(ann, matches, () => new Response(new ReadableStream({ pull(controller) { controller.enqueue(new Uint8Array(65536)); } })), () => syncError(ann)), 'answer-too-large');
  assert.equal(await bent(ann, matches, () => new Response('', { status: 500 }), () => syncError(ann)), 'http-500');
  assert.equal(await bent(ann, matches, () => new Response('{"code":"<b>"}', { status: 400 }), () => syncError(ann)), 'http-400');
  // A service says nothing about this browser.
  for (const code of ['core-failed', 'locked', 'tree-replaced', 'wrong-passphrase']) {
    assert.equal(await bent(ann, matches, () => new Response(JSON.stringify({ code }), { status: 403 }), () => syncError(ann)), 'http-403');
  }
  const asked = [];
  const elsewhere = http.createServer((request, answer) => { asked.push(request.url); answer.writeHead(302, { location: `${world.origin}${request.url}` }).end(); }).listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  try {
    const service = `http://127.0.0.1:${elsewhere.address().port}`;
    assert.equal(await failure(ann.engine.claim({ service, community: world.community, code: world.codes.ben })), 'service-unreachable');
    assert.deepEqual(asked, ['/log/community.json']);
  } finally {
    elsewhere.close();
  }
  for (const service of ['http://example.org', 'ftp://127.0.0.1', `${world.origin}/path`, 'https://a@example.org', 'javascript:1', 'https://example.org?x']) {
    assert.equal(await failure(ann.engine.claim({ service, community: world.community, code: world.codes.ben })), 'service-address');
  }
});

test('a link leads no wallet away from the service that it knows', async () => {
  const relay = http.createServer(async (request, answer) => {
    if (request.method === 'POST') return answer.writeHead(404, { 'content-type': 'application/json' }).end('{"code":"code-unknown"}');
    return answer.end(await body(world.origin + request.url));
  }).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const service = `http://127.0.0.1:${relay.address().port}`;
  try {
    assert.equal(await failure(ann.engine.claim({ service, community: world.community, code: world.codes.ben })), 'code-unknown');
    assert.equal(ann.vault.data.services[world.community], world.origin);
    const fresh = await world.wallet();
    assert.equal(await failure(fresh.engine.claim({ service, community: world.community, code: world.codes.ben })), 'code-unknown');
    assert.deepEqual(fresh.vault.data.services, {});
  } finally {
    relay.close();
    relay.closeAllConnections();
  }
});

test('files that are not those signed', async () => {
  const fresh = await world.wallet();
  const sync = () => fresh.claim('ben');
  const tree = (url) => url.includes('/log/tree/'), hashes = (url) => url.includes('/log/tile/');
  assert.equal(await bent(fresh, tree, (file) => flipped(file, 5), () => failure(sync())), 'log-tree');
  assert.equal(await bent(fresh, tree, (file) => new Response(file.subarray(1)), () => failure(sync())), 'log-tree');
  assert.equal(await bent(fresh, tree, (file) => new Response(Buffer.concat([file, file])), () => failure(sync())), 'answer-too-large');
  assert.match(await bent(fresh, hashes, (file) => flipped(file, 5), () => failure(sync())), /^log-tile|checkpoint-inclusion$/);
  assert.equal(await bent(fresh, hashes, () => new Response('', { status: 404 }), () => failure(sync())), 'log-missing');
  // Nothing of that was sent, nothing is pending.
  assert.equal((await fresh.engine.credentials()).pending.length, 0);
});

test('the description of another community', async () => {
  const fresh = await world.wallet();
  assert.equal(await failure(fresh.claim('ben', { community: '00'.repeat(32) })), 'community-other');
  assert.equal(await failure(fresh.claim('ben', { community: 'x' })), 'community-id');
  const matches = (url) => url.endsWith('/log/community.json');
  assert.match(await bent(fresh, matches, () => new Response('{"version":1}'), () => failure(fresh.claim('ben'))), /^json-/);
  assert.match(await bent(fresh, matches, () => new Response('['.repeat(100000)), () => failure(fresh.claim('ben'))), /^json-/);
});

test('a receipt that is not signed so, or of other values', async () => {
  const fresh = await world.wallet();
  const matches = (url) => url.endsWith('/v1/credentials');
  const changed = (change) => (bytes) => {
    const receipt = JSON.parse(bytes);
    change(receipt);
    return new Response(JSON.stringify(receipt));
  };
  const claim = () => failure(fresh.claim('cid'));
  const flipHex = (text) => (text[0] === '0' ? '1' : '0') + text.slice(1);
  const tried = async (change) => {
    fresh.bend = async (url, options) => (matches(url) ? change(await body(url, options)) : null);
    try { return await claim(); } finally { fresh.bend = null; }
  };
  assert.equal(await tried(changed((receipt) => { receipt.signature = flipHex(receipt.signature); })), 'receipt-signature');
  assert.equal(await tried(changed((receipt) => { receipt.values[0] += 1; })), 'receipt-signature');
  assert.equal(await tried(changed((receipt) => { receipt['code-hash'] = flipHex(receipt['code-hash']); })), 'claim-not-pending');
  assert.match(await tried(changed((receipt) => { receipt.more = 1; })), /^json-/);
  assert.match(await tried((bytes) => new Response(bytes.subarray(0, bytes.length - 3))), /^json-/);
  const state = await fresh.engine.credentials();
  assert.deepEqual([state.credentials.length, state.pending.length], [0, 1]);
  await fresh.joined('cid');
});

test('a key of one\'s own signs what it likes, but not for this community', async () => {
  // The whole answer is signed well, by another key: the id is of the key that the member was given.
  const { publicKey, privateKey } = crypto.generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const matches = (url) => url.endsWith('/log/checkpoint');
  const resigned = (note) => {
    const text = note.subarray(0, note.indexOf('\n\n') + 1);
    const id = crypto.createHash('sha256').update(Buffer.concat([Buffer.from('village\n\x01', 'latin1'), raw])).digest().subarray(0, 4);
    const line = `— village ${Buffer.concat([id, crypto.sign(null, text, privateKey)]).toString('base64')}\n`;
    return new Response(Buffer.concat([text, Buffer.from('\n'), Buffer.from(line)]));
  };
  assert.equal(await bent(ann, matches, resigned, () => syncError(ann)), 'note-signature');
});

test('a histogram that is not signed counts nobody', async () => {
  const request = await world.ask({ purposes: [{ purpose: 'act', subject: '10' }], predicates: ['votes >= 20'] });
  const histogram = ann.vault.stored.get(`${world.community}-histogram`);
  assert.ok(histogram.length > 64);
  const forged = Buffer.from(histogram);
  forged[forged.length - 70] ^= 1;
  ann.vault.stored.set(`${world.community}-histogram`, forged);
  const shown = await ann.engine.readRequest({ service: world.origin, audience: request.audience, nonce: request.nonce });
  assert.equal(shown.members, 0);
});

test('two histories that one key signed', async () => {
  // The operator himself: a store that was set back, and went on in another way.
  const twin = new World(process.env.SYMBOLON_BINARY, world.module);
  try {
    await twin.start();
    const first = await twin.wallet();
    await first.joined('ann');
    await twin.stop();
    fs.cpSync(twin.file('data'), twin.file('before'), { recursive: true });
    await twin.start();
    await (await twin.wallet()).joined('ben');
    first.vault.data.services[twin.community] = twin.origin;
    await first.engine.sync();
    const told = await (await fetch(`${twin.origin}/log/checkpoint`)).text();
    await twin.stop();
    fs.rmSync(twin.file('data'), { recursive: true });
    fs.renameSync(twin.file('before'), twin.file('data'));
    await twin.start();
    await (await twin.wallet()).joined('cid');
    first.vault.data.services[twin.community] = twin.origin;
    assert.equal(await syncError(first), 'log-fork');
    const [fork] = first.vault.data.engine.logs[twin.community].forks;
    assert.equal(fork.smaller, told);
    // Nothing is presented as long as the proof is kept.
    const request = await twin.ask({ purposes: [{ purpose: 'act', subject: '00' }], predicates: ['votes >= 20'] });
    assert.equal(await failure(first.answer(request)), 'log-fork');
    assert.deepEqual(await first.engine.forks(), [{ community: twin.community, fork }]);
    // And who hears of the other history from somebody finds it too.
    const second = await twin.wallet();
    await second.joined('dan');
    const asked = await twin.ask({ purposes: [{ purpose: 'act', subject: '00' }], predicates: ['votes >= 20'] });
    second.bend = async (url) => (url.includes('/v1/requests/') ? new Response(JSON.stringify({ ...asked, checkpoint: told })) : null);
    assert.equal(await failure(second.answer(asked)), 'log-fork');
    second.bend = null;
    await second.engine.forgetForks({ community: twin.community });
    assert.equal((await second.answer(asked)).verdict, 'accepted');
  } finally {
    await twin.end();
  }
});
