// A wallet in the browser's worker against a real service: claim, sync, present.
//
//   node --test Tests/WalletWeb/*.test.mjs    with SYMBOLON_BINARY (the command line) and SYMBOLON_WALLET_MODULE (the WebAssembly module)
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { World, failure } from './world.mjs';

let world, ann;
before(async () => {
  world = new World(process.env.SYMBOLON_BINARY, fs.readFileSync(process.env.SYMBOLON_WALLET_MODULE), { serve: ['--spent-seconds', '1'] });
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
  [ann.requests, ann.progress] = [[], []];
  assert.equal((await ann.answer(request)).verdict, 'accepted');
  assert.deepEqual(ann.progress.map(({ step }) => step), ['prove', 'send']);
  assert.deepEqual(ann.requests.filter(({ url }) => /\/log\/|histogram|spent/.test(url)), []);
  assert.equal(await failure(ann.answer(await world.ask(question))), 'already-spent');
});

test('too few votes are refused before anything is proved', async () => {
  const request = await world.ask({ purposes: [{ purpose: 'act', subject: '00' }], predicates: ['votes >= 26'] }, 'other');
  ann.requests = [];
  assert.equal(await failure(ann.answer(request)), 'not-satisfied');
  assert.equal(ann.requests.filter(({ options }) => options.method === 'POST').length, 0);
});

test('a claim whose answer is lost is repeated, and gets the same credential', async () => {
  const ben = await world.wallet();
  ben.bend = (url) => (url.endsWith('/v1/credentials') ? fetchAndLose(ben, url) : null);
  assert.equal(await failure(ben.claim('ben')), 'service-unreachable');
  const again = await ben.reopened();
  assert.equal((await again.engine.credentials()).pending.length, 1);
  await again.joined('ben');
  const { credentials, pending } = await again.engine.credentials();
  assert.deepEqual([credentials.length, pending.length], [1, 0]);
  const thief = await world.wallet();
  assert.equal(await failure(thief.claim('ben')), 'code-used');
  // The claim is forgotten: nothing will ever come of it.
  assert.equal((await thief.engine.credentials()).pending.length, 0);
});

/** The service takes it, and the answer is lost on the way. */
async function fetchAndLose(wallet, url) {
  const { options } = wallet.requests.at(-1);
  await fetch(url, options);
  throw new TypeError('network');
}

test('a tree that grew is fetched where it changed', async () => {
  const cid = await world.wallet();
  await cid.joined('cid');
  ann.requests = [];
  const { communities } = await ann.engine.sync();
  assert.equal(communities[0].leaves, 3);
  const files = ann.requests.map(({ url }) => url).filter((url) => url.includes('/log/t'));
  assert.ok(files.length >= 2 && files.length <= 6, `${files}`);
  assert.equal((await ann.answer(await world.ask({ purposes: [{ purpose: 'act', subject: '01' }], predicates: ['votes >= 20'] }))).verdict, 'accepted');
});

test('what is shown of a request is what its answer says', async () => {
  const request = await world.ask({ purposes: [{ purpose: 'act', subject: '02' }], predicates: ['votes >= 20'], disclose: ['group'] }, 'other');
  const shown = await ann.engine.readRequest({ service: world.origin, audience: request.audience, nonce: request.nonce });
  // The first that was asked of ann by `other` is what it may ask.
  assert.deepEqual([shown.conditions, shown.disclosed, shown.refusal, shown.mustFetch], [['votes >= 20'], [{ name: 'group', value: 0 }], null, null]);
  assert.equal(shown.scopes[0].purpose, 'act');
  const verdict = await ann.answer(request);
  assert.deepEqual(verdict.disclosed, { group: 0 });
});

test('an audience that asks something else than before is refused until the holder agrees', async () => {
  const request = await world.ask({ purposes: [{ purpose: 'act', subject: '03' }], predicates: ['votes >= 21'] }, 'other');
  const shown = await ann.engine.readRequest({ service: world.origin, audience: request.audience, nonce: request.nonce });
  assert.deepEqual([shown.refusal, shown.policyChanged], ['policy-changed', true]);
  assert.equal(await failure(ann.answer(request)), 'policy-changed');
  assert.equal((await ann.answer(request, { acceptPolicy: true })).verdict, 'accepted');
});

test('a small set is refused, and nothing is sent', async () => {
  const request = await world.ask({ purposes: [{ purpose: 'act', subject: '04' }], predicates: ['votes >= 20'] });
  ann.requests = [];
  assert.equal(await failure(ann.answer(request, { smallestSet: 5 })), 'anonymity-set-too-small');
  assert.equal(ann.requests.filter(({ options }) => options.method === 'POST').length, 0);
});

test('a request that is over, or of another audience, is refused', async () => {
  const request = await world.ask({ purposes: [{ purpose: 'act', subject: '05' }], predicates: ['votes >= 20'], lifetime: 60 });
  ann.shift = 120;
  try {
    assert.equal(await failure(ann.answer(request)), 'expired');
  } finally {
    ann.shift = 0;
  }
  assert.equal(await failure(ann.answer({ ...request, audience: world.audiences.other })), 'audience-mismatch');
});

test('an answer is good once, and for nothing else', async () => {
  const request = await world.ask({ purposes: [{ purpose: 'act', subject: '06' }], predicates: ['votes >= 20'] });
  let sent = null;
  ann.bend = (url, { body }) => { if (url.endsWith('/presentations')) sent = body.slice(); };
  await ann.answer(request);
  ann.bend = null;
  const send = async (body) => {
    const answer = await fetch(`${world.origin}/v1/audiences/${request.audience}/presentations`, { method: 'POST', body });
    return (await answer.json()).code;
  };
  assert.equal(await send(sent), 'request-used');
  const other = await world.ask({ purposes: [{ purpose: 'act', subject: '07' }], predicates: ['votes >= 20'] });
  const { checkpoint, ...asked } = other;
  assert.equal(await send(JSON.stringify({ ...JSON.parse(Buffer.from(sent)), request: asked })), 'membership-proof');
});

test('tickets: each once, the copy of a wallet included', async () => {
  const question = { purposes: [], tickets: 3, predicates: ['votes >= 20'], message: '07'.repeat(32) };
  const dan = await world.wallet();
  await dan.joined('dan');
  const phrase = dan.core.phrase();
  const nullifiers = new Set();
  for (let post = 0; post < 3; post += 1) {
    const before = dan.vault.saves.length;
    let saved = 0;
    dan.bend = (url) => { if (url.endsWith('/presentations')) saved = JSON.parse(Buffer.from(dan.vault.saves.at(-1).state)).tickets.length; };
    const verdict = await dan.answer(await world.ask(question));
    assert.ok(dan.vault.saves.length > before && saved === post + 1, 'a ticket is on the disk before it is shown');
    nullifiers.add(verdict.nullifiers[0]);
  }
  assert.equal(nullifiers.size, 3);
  assert.equal(await failure(dan.answer(await world.ask(question))), 'no-ticket-left');
  // Brought back from its words it does not know what it used: the published set says so.
  const back = await world.wallet({ phrase, restoredAt: Math.floor(Date.now() / 1000) });
  assert.equal((await back.engine.restoreCredentials({ service: world.origin, community: world.community })).found, 1);
  assert.equal((await back.engine.credentials()).credentials[0].state, 'in-tree');
  // A set stands for a second here; only one that is not older than the wallet says what it used.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.equal(await failure(back.answer(await world.ask(question))), 'no-ticket-left');
});

test('an old copy is fetched before it is used, a new one is not', async () => {
  const question = { purposes: [{ purpose: 'act', subject: '08' }], predicates: ['votes >= 20'] };
  ann.vault.data.copies[world.community].checked -= 46 * 60;
  const request = await world.ask(question);
  const shown = await ann.engine.readRequest({ service: world.origin, audience: request.audience, nonce: request.nonce });
  assert.equal(shown.mustFetch, 'old');
  ann.requests = [];
  assert.equal((await ann.answer(request)).verdict, 'accepted');
  assert.ok(ann.requests.some(({ url }) => url.endsWith('/log/checkpoint')));
});

test('a wallet that is locked while an answer is waited for says so, and nothing more is sent', async () => {
  const act = await world.ask({ purposes: [{ purpose: 'act', subject: '09' }], predicates: ['votes >= 20'] });
  const operations = [
    ['/log/checkpoint', (wallet) => wallet.engine.sync()], ['/v1/histogram', (wallet) => wallet.engine.sync()], ['/v1/requests/', (wallet) => wallet.answer(act)],
    ['/policy', (wallet) => wallet.answer(act)], ['/log/community.json', (wallet) => wallet.claim('fay')], ['/v1/community', (wallet) => wallet.engine.renew({ community: world.community })],
  ];
  for (const [at, run] of operations) {
    const wallet = await ann.reopened();
    let after = 0, isLocked = false;
    wallet.bend = async (url, options) => {
      after += isLocked && options.method === 'POST';
      if (isLocked || !url.includes(at)) return null;
      const answer = await fetch(url, options);
      isLocked = true;
      wallet.vault.lock();
      return answer;
    };
    assert.equal(await failure(run(wallet)), 'locked', at);
    assert.equal(after, 0);
  }
});
