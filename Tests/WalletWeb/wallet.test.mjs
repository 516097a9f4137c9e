// A wallet in the browser's worker against a real service: claim, sync, present.
//
//   node --test Tests/WalletWeb/    with SYMBOLON_BINARY (the command line) and SYMBOLON_WALLET_MODULE (the WebAssembly module)
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { World, failure } from './world.mjs';

let world, ann;
before(async () => {
  world = new World(process.env.SYMBOLON_BINARY, fs.readFileSync(process.env.SYMBOLON_WALLET_MODULE));
  await world.start();
  ann = await world.wallet();
});
after(() => world?.end());

test('a claim is on the disk before it is sent, and its credential after', async () => {
  let pending = null;
  ann.bend = (url) => { if (url.endsWith('/v1/credentials')) pending = JSON.parse(Buffer.from(ann.vault.saves.at(-1).state)).pending.length; };
  assert.deepEqual(await ann.claim('ann'), { community: world.community, name: 'village' });
  ann.bend = null;
  assert.equal(pending, 1);
  const { credentials } = await ann.engine.credentials();
  assert.equal(credentials.length, 1);
  assert.deepEqual(credentials[0].attributes.map(({ name, value }) => [name, value]), [['votes', 25], ['standing', 0], ['group', 0]]);
  assert.equal(credentials[0].epoch, 1);
});

test('a sync brings the leaf, and the next fetches the checkpoint alone', async () => {
  await ann.synced();
  ann.requests = [];
  assert.equal((await ann.engine.sync()).communities[0].error, null);
  const log = ann.requests.map(({ url }) => url).filter((url) => url.includes('/log/'));
  assert.deepEqual(log, [`${world.origin}/log/checkpoint`]);
  for (const { options } of ann.requests) {
    assert.equal(options.credentials, 'omit');
    assert.equal(options.redirect, 'error');
    assert.equal(options.referrerPolicy, 'no-referrer');
  }
});

test('an act is accepted once, and a presentation fetches nothing of the log', async () => {
  const question = { purposes: [{ purpose: 'act', subject: '766f7465' }], predicates: ['votes >= 20'] };
  const request = await world.ask(question);
  ann.requests = [];
  assert.equal((await ann.answer(request)).verdict, 'accepted');
  assert.deepEqual(ann.requests.filter(({ url }) => /\/log\/|histogram|spent/.test(url)), []);
  assert.equal(await failure(ann.answer(await world.ask(question))), 'already-spent');
});

test('too few votes are refused before anything is proved', async () => {
  const request = await world.ask({ purposes: [{ purpose: 'act', subject: '00' }], predicates: ['votes >= 26'] }, 'other');
  ann.requests = [];
  assert.equal(await failure(ann.answer(request)), 'not-satisfied');
  assert.equal(ann.requests.filter(({ options }) => options.method === 'POST').length, 0);
});
