// Requests that are no sign-in page's: what their holder is told, what is refused, and what the history keeps of it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { World, failure } from './world.mjs';

let world, ann;
before(async () => {
  world = new World(process.env.SYMBOLON_BINARY, fs.readFileSync(process.env.SYMBOLON_WALLET_MODULE), { serve: ['--spent-seconds', '1'] });
  world.run('forum', 'add', '--data', 'data', '--name', 'The Forum', '--audience', 'club', '--redirect-uri', 'https://forum.example.org/callback', '--no-pkce', '--no-nonce',
    '--tier', 'member=members: votes >= 20');
  await world.start();
  ann = await world.wallet();
  await ann.joined('ann');
});
after(() => world?.end());

const place = (request, more = {}) => ({ service: world.origin, audience: request.audience, nonce: request.nonce, ...more });
const act = (subject, more = {}) => ({ purposes: [{ purpose: 'act', subject }], predicates: ['votes >= 20'], ...more });
const posts = (wallet) => wallet.requests.filter(({ options }) => options.method === 'POST').length;
const last = (wallet) => { const { time, ...entry } = wallet.vault.remembered.at(-1); return entry; };

test('what an act is, for whom, in whose word', async () => {
  const request = await world.ask(act('766f7465', { message: '07'.repeat(32) }));
  const shown = await ann.engine.readRequest(place(request));
  assert.deepEqual([shown.kind, shown.subject, shown.withAccount, shown.tickets, shown.message, shown.forum, shown.isSigned, shown.service, shown.issuerBefore, shown.expires],
    ['act', '766f7465', false, null, '07'.repeat(32), 'forum', false, world.origin, null, request.expires]);
  // Eight members are too few for the wallet, once it has counted them.
  assert.deepEqual([shown.refusal, shown.unanswered, shown.members, shown.smallest], [null, 'anonymity-set-too-small', 0, 5]);
  const account = await ann.engine.readRequest(place(await world.ask({ purposes: [{ purpose: 'account' }], tickets: 3, predicates: ['votes >= 20'] }, 'other')));
  assert.deepEqual([account.kind, account.withAccount, account.tickets, account.subject, account.message], ['post', true, 3, null, null]);
  const signIn = await ann.engine.readRequest(place(await world.ask({ purposes: [{ purpose: 'sign-in' }], predicates: ['votes >= 20'] }, 'club')));
  assert.deepEqual([signIn.kind, signIn.withAccount], ['sign-in', false]);
});

test('a name that is none is not shown', async () => {
  const request = await world.ask(act('01'));
  for (const [name, shown] of [['two\nlines', null], ['', null], ['x'.repeat(65), null], [7, null], ['The Board', 'The Board']]) {
    ann.bend = async (url) => (url.endsWith('/v1/community') ? new Response(JSON.stringify({ audiences: [null, { id: request.audience, name }] })) : null);
    assert.equal((await ann.engine.readRequest(place(request))).forum, shown);
  }
  for (const answer of ['[]', '{"audiences":{}}', 'no JSON']) {
    ann.bend = async (url) => (url.endsWith('/v1/community') ? new Response(answer) : null);
    assert.equal((await ann.engine.readRequest(place(request))).forum, null);
  }
  ann.bend = null;
});

test('an act is remembered, a second is refused by the service, and so is a request that was answered', async () => {
  const request = await world.ask(act('02'));
  assert.equal((await ann.answer(request)).verdict, 'accepted');
  assert.deepEqual(last(ann), { kind: 'answer', issuer: world.origin, community: world.community, forum: 'forum', what: 'act', result: 'accepted' });
  assert.equal(await failure(ann.answer(request)), 'request-used');
  assert.deepEqual([last(ann).result, last(ann).by, last(ann).code], ['refused', 'service', 'request-used']);
  assert.equal(await failure(ann.answer(await world.ask(act('02')))), 'already-spent');
  assert.deepEqual([last(ann).result, last(ann).by, last(ann).code, last(ann).what], ['refused', 'service', 'already-spent', 'act']);
});

test('tickets are used up', async () => {
  const question = { purposes: [], tickets: 2, predicates: ['votes >= 20'], message: '08'.repeat(32) };
  for (const _ of [1, 2]) {
    assert.equal((await ann.answer(await world.ask(question, 'other'), { acceptPolicy: true })).verdict, 'accepted');
    assert.deepEqual([last(ann).what, last(ann).result], ['post', 'accepted']);
  }
  ann.requests = [];
  assert.equal(await failure(ann.answer(await world.ask(question, 'other'))), 'no-ticket-left');
  assert.deepEqual([last(ann).by, last(ann).code, posts(ann)], ['wallet', 'no-ticket-left', 0]);
});

test('what the wallet refuses is noted once, and what failed on the way is no refusal', async () => {
  const request = await world.ask(act('03', { predicates: ['votes >= 900'] }), 'club');
  const before = ann.vault.remembered.length;
  ann.requests = [];
  for (const _ of [1, 2]) assert.equal((await ann.engine.readRequest(place(request))).unanswered, 'not-satisfied');
  assert.equal(ann.vault.remembered.length, before + 1);
  assert.equal(await failure(ann.answer(request)), 'not-satisfied');
  assert.deepEqual(last(ann), { kind: 'answer', issuer: world.origin, community: world.community, forum: 'club', what: 'act', result: 'refused', by: 'wallet', code: 'not-satisfied' });
  assert.equal(ann.vault.remembered.length, before + 1);
  assert.equal(await failure(ann.answer(await world.ask(act('04')), { smallestSet: 5 })), 'anonymity-set-too-small');
  assert.equal(await failure(ann.answer(await world.ask(act('04', { predicates: ['votes >= 21'] })))), 'policy-changed');
  assert.deepEqual(ann.vault.remembered.slice(before + 1).map(({ by, code }) => [by, code]), [['wallet', 'anonymity-set-too-small'], ['wallet', 'policy-changed']]);
  ann.bend = () => { throw new TypeError('network'); };
  assert.equal(await failure(ann.answer(request)), 'service-unreachable');
  ann.bend = async (url) => (url.includes('/v1/requests/') ? new Response('', { status: 502 }) : null);
  assert.equal(await failure(ann.answer(request)), 'http-502');
  ann.bend = null;
  assert.equal(ann.vault.remembered.length, before + 3);
  assert.equal(posts(ann), 0);
  // Ten minutes later it is another one.
  ann.shift = 700;
  assert.equal(await failure(ann.engine.readRequest({ ...place(request), nonce: 'ab'.repeat(32) })), 'request-unknown');
  assert.equal(await failure(ann.engine.readRequest({ ...place(request), nonce: 'ab'.repeat(32) })), 'request-unknown');
  ann.shift = 1400;
  assert.equal(await failure(ann.engine.readRequest({ ...place(request), nonce: 'ab'.repeat(32) })), 'request-unknown');
  ann.shift = 0;
  assert.equal(ann.vault.remembered.length, before + 5);
});

test('declined: kept here, and sent nowhere', async () => {
  ann.requests = [];
  await ann.engine.declined({ kind: 'answer', community: world.community, forum: 'forum', issuer: world.origin, what: 'act', nonce: '00' });
  assert.deepEqual(last(ann), { kind: 'answer', community: world.community, forum: 'forum', issuer: world.origin, what: 'act', result: 'declined' });
  assert.deepEqual(ann.requests, []);
});

test('the same audience from another service: only with its holder\'s consent', async () => {
  const request = await world.ask(act('05'));
  const elsewhere = 'http://127.0.0.1:9';
  ann.bend = (url, options) => (url.startsWith(elsewhere) ? fetch(url.replace(elsewhere, world.origin), options) : null);
  ann.requests = [];
  const shown = await ann.engine.readRequest(place(request, { service: elsewhere }));
  assert.deepEqual([shown.issuerBefore, shown.isSigned, shown.service], [world.origin, false, elsewhere]);
  assert.equal(await failure(ann.answer(request, { service: elsewhere })), 'issuer-changed');
  assert.equal(posts(ann), 0);
  assert.deepEqual([last(ann).code, last(ann).before], ['issuer-changed', world.origin]);
  // Nobody was asked before: then it is the community's own service that is known.
  const ben = await world.wallet();
  await ben.joined('ben');
  ben.bend = ann.bend;
  assert.equal((await ben.engine.readRequest(place(request, { service: elsewhere }))).issuerBefore, world.origin);
  assert.equal((await ben.answer(request, { service: elsewhere, acceptIssuer: true })).verdict, 'accepted');
  assert.equal(ben.vault.data.engine.audiences[request.audience].issuer, elsewhere);
  ann.bend = null;
});

test('a name that was signed at a sign-in is known again', async () => {
  const request = await world.ask(act('06', { predicates: ['votes >= 20'] }), 'club');
  const before = ann.vault.data.engine.audiences[request.audience];
  assert.equal(before, undefined);
  ann.vault.data.engine.audiences[request.audience] = { issuer: world.origin, forum: 'The Forum', time: 1 };
  const shown = await ann.engine.readRequest(place(request));
  assert.deepEqual([shown.forum, shown.isSigned], ['The Forum', true]);
  // Not for who comes from elsewhere.
  ann.vault.data.engine.audiences[request.audience].issuer = 'https://other.example.org';
  assert.deepEqual([(await ann.engine.readRequest(place(request))).forum, (await ann.engine.readRequest(place(request))).isSigned], ['club', false]);
  assert.equal((await ann.answer(request, { acceptIssuer: true })).verdict, 'accepted');
  assert.deepEqual([ann.vault.data.engine.audiences[request.audience].issuer, ann.vault.data.engine.audiences[request.audience].forum], [world.origin, null]);
});

test('the scope of a top-up is nobody\'s to ask for', async () => {
  const request = await world.ask(act('07'));
  const served = JSON.stringify({ ...request, audience: world.community, scopes: [{ purpose: 'top-up', community: world.community, epoch: 1, subject: '07'.repeat(32) }], checkpoint: undefined });
  ann.bend = async (url) => (url.includes('/v1/requests/') ? new Response(served) : null);
  ann.requests = [];
  const asked = place(request, { audience: world.community });
  assert.equal((await ann.engine.readRequest(asked)).unanswered, 'scope-combination');
  assert.equal(await failure(ann.engine.answer({ ...asked, smallestSet: 0, acceptPolicy: true })), 'scope-combination');
  assert.equal(posts(ann), 0);
  ann.bend = null;
});

test('what is answered is what was shown', async () => {
  const request = await world.ask(act('09'));
  const { asShown } = await ann.engine.readRequest(place(request));
  const other = await world.ask(act('0a'));
  const changes = [
    (served) => ({ ...served, scopes: served.scopes.map((scope) => ({ ...scope, subject: '0b' })) }), (served) => ({ ...served, message: '0b'.repeat(32) }),
    (served) => ({ ...served, disclose: ['group'] }), (served) => ({ ...served, scopes: [], tickets: 3 }), (served) => ({ ...served, expires: served.expires + 1 }),
  ];
  ann.requests = [];
  for (const change of changes) {
    ann.bend = async (url) => (url.includes('/v1/requests/') ? new Response(JSON.stringify(change({ ...request, checkpoint: undefined }))) : null);
    assert.equal(await failure(ann.answer(request, { asShown, acceptPolicy: true })), 'request-changed');
  }
  // The request of another nonce under this one.
  ann.bend = async (url) => (url.includes('/v1/requests/') ? new Response(JSON.stringify(other)) : null);
  assert.equal(await failure(ann.engine.readRequest(place(request))), 'nonce-mismatch');
  assert.equal(posts(ann), 0);
  ann.bend = null;
  assert.equal((await ann.answer(request, { asShown })).verdict, 'accepted');
});

test('another audience than the link says', async () => {
  const request = await world.ask(act('08'));
  const shown = await ann.engine.readRequest(place(request, { audience: world.audiences.other }));
  assert.equal(shown.unanswered, 'audience-mismatch');
  assert.equal(await failure(ann.answer(request, { audience: world.audiences.other })), 'audience-mismatch');
});
