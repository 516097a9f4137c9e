// Epochs: renewal step by step, cut off and repeated; top-ups; what skipped renewals cost.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { World, failure } from './world.mjs';

const rules = {
  'minimum-renewals': 2, 'open-renewals': 1, forums: ['forum'], reasons: [{ code: 'abuse', attribute: 'standing', amount: 3 }], caps: [{ attribute: 'standing', most: 3 }],
};
let world, ann, ben, eve;
before(async () => {
  world = new World(process.env.SYMBOLON_BINARY, fs.readFileSync(process.env.SYMBOLON_WALLET_MODULE), { rules });
  await world.start();
  [ann, ben, eve] = [await world.wallet(), await world.wallet(), await world.wallet()];
  await ann.joined('ann');
  await ben.joined('ben');
  await eve.joined('eve');
});
after(() => world?.end());

async function until(what, reached) {
  for (const deadline = Date.now() + 60000; Date.now() < deadline;) {
    if (await reached()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`never: ${what}`);
}

const about = async () => (await fetch(`${world.origin}/v1/community`)).json();
const newest = async (wallet) => (await wallet.engine.credentials()).credentials.find((one) => one.isNewest);

/** Closes the epoch, and begins renewals out of it. */
async function closed() {
  world.run('community', 'epoch', 'close', '--data', 'data');
  await until('the epoch has ended', () => world.tried('community', 'epoch', 'open', '--data', 'data').status === 0);
  await until('the log says so', async () => (await about()).closed);
}

test('before an epoch ends there is nothing to renew', async () => {
  assert.deepEqual(await ann.engine.renew({ community: world.community }), { state: 'current', epoch: 1 });
});

test('a top-up adds to the credential, once', async () => {
  world.write('more.csv', 'person,votes\nann,5\nben,7\n');
  world.run('community', 'top-up', '--data', 'data', '--csv', 'more.csv', '--person-column', 'person', '--label', 'more', '--codes', 'top-ups.csv');
  const codes = Object.fromEntries(world.read('top-ups.csv').trim().split('\n').slice(1).map((line) => line.split(',')));
  assert.equal(await failure(ann.engine.topUp({ community: world.community, code: world.codes.hal })), 'code-other-kind');
  // A link names a service; nobody is led away by it from the one that is known, and who has no credential sends nothing.
  const elsewhere = 'http://127.0.0.1:9';
  let isReal = false;
  ann.bend = async (url, options) => {
    if (!url.startsWith(elsewhere)) return null;
    return options.method === 'POST' && !isReal ? new Response('{"code":"code-unknown"}', { status: 404 }) : fetch(url.replace(elsewhere, world.origin), options);
  };
  assert.equal(await failure(ann.engine.topUp({ community: world.community, code: codes.ann, service: elsewhere })), 'code-unknown');
  assert.equal(ann.vault.data.services[world.community], world.origin);
  assert.equal(await failure(ann.engine.topUp({ community: world.community, code: codes.ann, service: 'http://example.org' })), 'service-address');
  const stranger = await world.wallet();
  assert.equal(await failure(stranger.engine.topUp({ community: world.community, code: codes.ann, service: world.origin })), 'credential-none');
  assert.deepEqual(stranger.requests, []);
  // Who has a receipt that the community signed is its service.
  isReal = true;
  assert.deepEqual(await ann.engine.topUp({ community: world.community, code: codes.ann, service: elsewhere }), { state: 'waiting' });
  assert.equal(ann.vault.data.services[world.community], elsewhere);
  const { time, ...entry } = ann.vault.remembered.at(-1);
  assert.deepEqual(entry, { kind: 'top-up', community: world.community, origin: 'village', added: [{ name: 'votes', amount: 5 }] });
  // The same again, after a crash.
  ann = await ann.reopened();
  ann.vault.data.services[world.community] = world.origin;
  await until('the top-up is in the log', async () => (await ann.engine.topUp({ community: world.community, code: codes.ann })).state === 'topped-up');
  assert.equal((await newest(ann)).attributes[0].value, 30);
  assert.equal(await failure(ben.engine.topUp({ community: world.community, code: codes.ann })), 'code-used');
  await ann.synced();
  assert.equal((await ann.answer(await world.ask({ purposes: [{ purpose: 'act', subject: '20' }], predicates: ['votes >= 28'] }))).verdict, 'accepted');
});

test('a renewal whose answer is lost is sent again unchanged', async () => {
  await closed();
  await until('the wallet is told', async () => { await ann.engine.sync(); return (await newest(ann)).state === 'closed'; });
  const sent = [];
  ann.bend = async (url, options) => {
    if (!url.endsWith('/v1/renewals')) return null;
    sent.push(Buffer.from(options.body).toString());
    const saved = JSON.parse(Buffer.from(ann.vault.saves.at(-1).state));
    assert.equal(saved.renewals.length, 1, 'a renewal is on the disk before it is sent');
    await fetch(url, options);
    throw new TypeError('network');
  };
  assert.equal(await failure(ann.engine.renew({ community: world.community })), 'service-unreachable');
  ann = await ann.reopened();
  ann.bend = (url, options) => { if (url.endsWith('/v1/renewals')) sent.push(Buffer.from(options.body).toString()); };
  assert.equal((await ann.engine.renew({ community: world.community })).state, 'waiting');
  assert.equal(sent.length, 2);
  assert.equal(sent[0], sent[1]);
  assert.equal((await newest(ann)).state, 'renewed');
});

test('a forged answer to a renewal is refused, and the next epoch opens with enough', async () => {
  ben.bend = async (url, options) => {
    if (!url.endsWith('/v1/renewals')) return null;
    const receipt = await (await fetch(url, options)).json();
    return new Response(JSON.stringify({ ...receipt, time: receipt.time + 1 }));
  };
  assert.equal(await failure(ben.engine.renew({ community: world.community })), 'receipt-signature');
  ben.bend = null;
  assert.equal((await ben.engine.renew({ community: world.community })).state, 'waiting');
  for (const wallet of [ann, ben]) {
    await until('renewed', async () => (await wallet.engine.renew({ community: world.community })).state !== 'waiting');
    await wallet.synced();
    assert.equal((await newest(wallet)).epoch, 2);
  }
  assert.equal((await newest(ann)).attributes[0].value, 30);
});

test('who renewed presents, and who did not cannot', async () => {
  const question = { purposes: [{ purpose: 'act', subject: '30' }], predicates: ['votes >= 28'] };
  assert.equal((await ann.answer(await world.ask(question))).verdict, 'accepted');
  const request = await world.ask({ ...question, predicates: ['votes >= 1'] }, 'other');
  assert.equal(await failure(eve.answer(request)), 'epoch-mismatch');
  // It is late, and not yet too late.
  assert.equal((await eve.engine.renew({ community: world.community })).state, 'waiting');
  await until('renewed', async () => (await eve.engine.renew({ community: world.community })).state === 'renewed');
  await eve.synced();
  assert.equal((await eve.answer(await world.ask({ ...question, predicates: ['votes >= 1'] }, 'other'))).verdict, 'accepted');
});

test('everything comes back from the words, through top-up and renewal', async () => {
  const back = await world.wallet({ phrase: ann.core.phrase(), restoredAt: Math.floor(Date.now() / 1000) });
  const { found, epoch } = await back.engine.restoreCredentials({ service: world.origin, community: world.community });
  assert.deepEqual([found, epoch], [2, 2]);
  assert.equal((await newest(back)).attributes[0].value, 30);
  // The same person: what he did is done.
  assert.equal(await failure(back.answer(await world.ask({ purposes: [{ purpose: 'act', subject: '30' }], predicates: ['votes >= 28'] }))), 'already-spent');
});

test('a log whose entries are not those signed is not read', async () => {
  ben.bend = async (url, options) => {
    if (!url.includes('/tile/entries/')) return null;
    const bytes = Buffer.from(await (await fetch(url, options)).arrayBuffer());
    bytes[bytes.length - 1] ^= 1;
    return new Response(bytes);
  };
  const before = ben.vault.saves.at(-1).state.toString();
  assert.match(await failure(ben.engine.renew({ community: world.community })), /^log-|^format-/);
  ben.bend = null;
  assert.equal(ben.core.state().toString(), before);
});
