// A sign-in at a forum: what the wallet is told, what it proves, where the code leads.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { Forum, visited } from './forum.mjs';
import { World, failure } from './world.mjs';

const begun = () => forum.begun();
let world, forum, ann;
before(async () => {
  world = new World(process.env.SYMBOLON_BINARY, fs.readFileSync(process.env.SYMBOLON_WALLET_MODULE));
  forum = new Forum(world);
  await world.start();
  ann = await world.wallet();
  await ann.joined('ann');
});
after(() => world?.end());

test('what a sign-in asks, as the service signs it', async () => {
  const { address } = await begun();
  const offer = await ann.engine.offer({ address });
  assert.deepEqual([offer.issuer, offer.forum, offer.origins, offer.community, offer.communityName, offer.hasCredential, offer.mustFetch, offer.issuerBefore],
    [world.origin, 'The Forum', ['https://forum.example.org'], world.community, 'village', true, null, null]);
  assert.deepEqual(offer.tiers.map(({ name, conditions, refusal }) => [name, conditions, refusal]),
    [['member', ['votes >= 1'], null], ['regular', ['votes >= 20'], null], ['elder', ['votes >= 900'], 'not-satisfied']]);
  assert.deepEqual(offer.tiers[0].scopes.map(({ purpose }) => purpose), ['sign-in']);
  const stranger = await world.wallet();
  assert.deepEqual([(await stranger.engine.offer({ address })).hasCredential, await failure(stranger.engine.present({ address }))], [false, 'credential-none']);
});

test('the code signs in the browser in which it began, and no other', async () => {
  const { address, cookies } = await begun();
  const saves = ann.vault.saves.length;
  ann.requests = [];
  const { verdict, code } = await ann.engine.present({ address, tier: 'regular', smallestSet: 0 });
  assert.equal(verdict, 'accepted');
  assert.ok(ann.vault.saves.length > saves);
  // What is fetched is of the sign-in alone.
  assert.ok(ann.requests.every(({ url }) => url === `${address}/wallet` || url === `${world.origin}/openid/keys`), `${ann.requests.map(({ url }) => url)}`);
  assert.equal(ann.vault.remembered.at(-1).forum, 'The Forum');
  // Elsewhere it leads to a page that says so, away from an address that holds the code.
  const elsewhere = await visited(`${address}/code?code=${code}`);
  assert.deepEqual([elsewhere.status, new URL(elsewhere.location, world.origin).href, (await visited(address)).status], [303, address, 404]);
  const there = await visited(`${address}/code?code=${code}`, cookies);
  assert.deepEqual([there.status, new URL(there.location, world.origin).href], [303, address]);
  assert.match((await visited(`${address}/continue`, cookies)).location, /^https:\/\/forum\.example\.org\/callback\?.*code=/);
  assert.equal(await failure(ann.engine.present({ address, smallestSet: 0 })), 'sign-in-closed');
});

test('the same pseudonym each time, another elsewhere; a tier that is not reached is refused', async () => {
  const { address } = await begun();
  assert.equal(await failure(ann.engine.present({ address, tier: 'elder', smallestSet: 0 })), 'not-satisfied');
  assert.equal(await failure(ann.engine.present({ address, tier: 'none', smallestSet: 0 })), 'tier-unknown');
  assert.equal(await failure(ann.engine.present({ address, smallestSet: 5 })), 'anonymity-set-too-small');
  assert.equal((await ann.engine.present({ address, tier: 'member', smallestSet: 0 })).verdict, 'accepted');
});

test('the history keeps what did not come to a sign-in, and why', async () => {
  const seen = ann.vault.remembered.slice(-3);
  assert.deepEqual(seen.map(({ kind, forum, result, by, code }) => [kind, forum, result, by, code]), [
    ['sign-in', 'The Forum', 'refused', 'wallet', 'tier-unknown'], ['sign-in', 'The Forum', 'refused', 'wallet', 'anonymity-set-too-small'],
    ['sign-in', 'The Forum', 'accepted', undefined, undefined]]);
  // A service that says another's name, before anybody is asked anything.
  const { address } = await begun();
  ann.bend = async (url, options) => (url === `${address}/wallet` ? new Response(JSON.stringify({ ...await (await fetch(url, options)).json(), issuer: 'https://id.example.org' })) : null);
  assert.equal(await failure(ann.engine.offer({ address })), 'issuer-mismatch');
  ann.bend = null;
  assert.deepEqual([ann.vault.remembered.at(-1).code, ann.vault.remembered.at(-1).by, ann.vault.remembered.at(-1).issuer], ['issuer-mismatch', 'wallet', world.origin]);
  // Nobody can stand behind any of its tiers, and that is noted when it is shown: its page has no other way than back.
  const count = ann.vault.remembered.length;
  const offer = await ann.engine.offer({ address });
  assert.deepEqual(offer.tiers.map(({ unanswered }) => unanswered), ['anonymity-set-too-small', 'anonymity-set-too-small', 'not-satisfied']);
  await ann.engine.offer({ address });
  assert.equal(ann.vault.remembered.length, count + 1);
  assert.deepEqual([ann.vault.remembered.at(-1).code, ann.vault.remembered.at(-1).forum], ['anonymity-set-too-small', 'The Forum']);
});

test('an address that is none', async () => {
  for (const address of [`${world.origin}/sign-in/`, `${world.origin}/sign-in/a/b`, 'https://example.org', 'http://example.org/sign-in/abc', 'javascript:/sign-in/a', `${world.origin}/sign-in/a?b`]) {
    assert.match(await failure(ann.engine.offer({ address })), /^sign-in-address$|^service-address$/);
  }
});

test('an offer that somebody changed is not shown', async () => {
  const { address } = await begun();
  const changed = async (change) => {
    ann.bend = async (url, options) => {
      if (url !== `${address}/wallet`) return null;
      const offer = await (await fetch(url, options)).json();
      return new Response(JSON.stringify(change(offer) ?? offer));
    };
    try { return await failure(ann.engine.offer({ address })); } finally { ann.bend = null; }
  };
  const claims = (offer, change) => {
    const [head, body, signature] = offer.record.split('.');
    offer.record = [head, Buffer.from(JSON.stringify(change(JSON.parse(Buffer.from(body, 'base64url'))))).toString('base64url'), signature].join('.');
  };
  assert.equal(await changed((offer) => { offer.issuer = 'https://id.example.org'; }), 'issuer-mismatch');
  assert.equal(await changed((offer) => { offer.forum = 'Your Bank'; }), 'client-record-mismatch');
  assert.equal(await changed((offer) => { offer.audience = '00'.repeat(32); }), 'client-record-mismatch');
  assert.equal(await changed((offer) => { delete offer.record; }), 'client-record-signature');
  assert.equal(await changed((offer) => claims(offer, (body) => ({ ...body, name: 'Your Bank' }))), 'client-record-signature');
  assert.equal(await changed((offer) => { offer.tiers = []; }), 'offer-malformed');
  assert.equal(await changed((offer) => { offer.tiers[0].request = null; }), 'offer-malformed');
  assert.equal(await changed((offer) => { offer.tiers[0].request.community = '00'.repeat(32); }), 'offer-malformed');
  assert.match(await changed((offer) => { offer.policy = { version: 1 }; }), /^json-/);
  assert.equal(await changed((offer) => { offer.tiers[0].request.predicates = ['karma >= 1']; }), 'attribute-unknown');
  // Its own key signs a record for a service that is another's.
  const { privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  assert.equal(await changed((offer) => {
    const [head, body] = offer.record.split('.');
    const signature = crypto.sign('sha256', Buffer.from(`${head}.${body}`), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    offer.record = `${head}.${body}.${signature.toString('base64url')}`;
  }), 'client-record-signature');
  ann.shift = 3600;
  assert.match(await failure(ann.engine.offer({ address })), /^client-record-expired$/);
  ann.shift = 0;
});

test('a page that signs in gets nothing else proved, and nothing under another\'s name', async () => {
  const { address } = await begun();
  const tried = async (change) => {
    ann.bend = async (url, options) => {
      if (url !== `${address}/wallet` || options.method === 'POST') return null;
      const offer = await (await fetch(url, options)).json();
      for (const tier of offer.tiers) change(tier.request);
      return new Response(JSON.stringify(offer));
    };
    ann.requests = [];
    try {
      return await failure(ann.engine.present({ address, smallestSet: 0, acceptPolicy: true }));
    } finally {
      ann.bend = null;
      assert.equal(ann.requests.filter(({ options }) => options.method === 'POST').length, 0);
    }
  };
  assert.equal(await tried((request) => { request.scopes = [{ purpose: 'act', community: world.community, audience: request.audience, subject: '00' }]; }), 'scope-mismatch');
  assert.equal(await tried((request) => { request.tickets = 5; }), 'scope-combination');
  assert.equal(await tried((request) => { request.audience = world.audiences.forum; }), 'audience-mismatch');
  assert.equal(await tried((request) => { request.expires = 1; }), 'expired');
});

test('what is proved is what was shown', async () => {
  const { address } = await begun();
  const [{ name, asShown }] = (await ann.engine.offer({ address })).tiers;
  ann.bend = async (url, options) => {
    if (url !== `${address}/wallet` || options.method === 'POST') return null;
    const offer = await (await fetch(url, options)).json();
    offer.tiers[0].request.disclose = ['group'];
    return new Response(JSON.stringify(offer));
  };
  ann.requests = [];
  assert.equal(await failure(ann.engine.present({ address, tier: name, asShown, smallestSet: 0, acceptPolicy: true })), 'request-changed');
  assert.equal(ann.requests.filter(({ options }) => options.method === 'POST').length, 0);
  ann.bend = null;
  assert.equal((await ann.engine.present({ address, tier: name, asShown, smallestSet: 0 })).verdict, 'accepted');
});

test('one audience of two issuers is told apart', async () => {
  const { address } = await begun();
  const seen = ann.vault.data.engine.audiences[forum.audience];
  assert.equal(seen.issuer, world.origin);
  seen.issuer = 'https://other.example.org';
  assert.equal((await ann.engine.offer({ address })).issuerBefore, 'https://other.example.org');
  assert.equal(await failure(ann.engine.present({ address, smallestSet: 0 })), 'issuer-changed');
  assert.equal((await ann.engine.present({ address, smallestSet: 0, acceptIssuer: true })).verdict, 'accepted');
});
