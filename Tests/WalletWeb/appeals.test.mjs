// A banned member objects: what leaves the wallet, what is kept, and what becomes of it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { Forum } from './forum.mjs';
import { World, failure, failureOf, names } from './world.mjs';

let world, forum;
before(async () => {
  world = new World(process.env.SYMBOLON_BINARY, fs.readFileSync(process.env.SYMBOLON_WALLET_MODULE));
  forum = new Forum(world);
  await world.start();
});
after(() => world?.end());

const members = [...names];
const isAppeal = (url) => url.endsWith('/appeals');
/** Where an appeal of a member of the forum goes. */
const place = () => ({ service: world.origin, audience: forum.audience, community: world.community });
const said = (wallet, text, more = {}) => wallet.engine.appeal({ ...place(), text, ...more });
const sent = (wallet) => wallet.requests.filter(({ url }) => isAppeal(url)).map(({ options }) => JSON.parse(new TextDecoder().decode(options.body)));
const kept = async (wallet) => (await wallet.engine.appeals()).appeals.map(({ text, state, answer, refusal }) => [text, state, answer, refusal]);
/** What the operators have of a text. */
const heard = (text) => JSON.parse(world.run('forum', 'appeals', '--data', 'data', '--all', '--json')).filter((one) => one.text === text);
const ban = (pseudonym, ...more) => world.run('forum', 'ban', '--data', 'data', '--forum', forum.id, pseudonym, '--reason', 'notes', '--public-reason', 'Insults.',
  '--operator', 'carla', ...more);
const decide = (text, how, answer) => world.run('forum', 'decide', '--data', 'data', String(heard(text)[0].appeal), `--${how}`, '--answer', answer, '--operator', 'dora');

/** A new member, and the pseudonym that the forum knows. */
async function member() {
  const wallet = await (await world.wallet()).joined(members.shift());
  return { wallet, pseudonym: await forum.signedIn(wallet) };
}

/** A member who was told of a ban. */
async function banned(...more) {
  const { wallet, pseudonym } = await member();
  ban(pseudonym, ...more);
  const { address } = await forum.begun();
  assert.equal(await failure(wallet.engine.present({ address, smallestSet: 0 })), 'banned');
  wallet.requests = [];
  return { wallet, pseudonym };
}

test('banned, heard, decided, and signed in again', async () => {
  const { wallet, pseudonym } = await member();
  // Not banned: the service keeps nothing, the wallet what was said.
  assert.equal(await failure(said(wallet, 'I did nothing.')), 'not-banned');
  assert.deepEqual([heard('I did nothing.'), await kept(wallet)], [[], [['I did nothing.', 'unsent', null, 'not-banned']]]);

  ban(pseudonym, '--until', '30d');
  const { address } = await forum.begun();
  const refusal = await wallet.engine.present({ address, smallestSet: 0 }).catch((error) => error);
  assert.deepEqual([refusal.code, refusal.detail.reason], ['banned', 'Insults.']);
  const [told] = (await wallet.engine.appeals()).bans;
  assert.deepEqual(told, { id: refusal.detail.ban, time: told.time, ...place(), forum: 'The Forum', reason: 'Insults.', until: refusal.detail.until });
  assert.ok(told.until > told.time + 29 * 86400);

  // Nothing is asked for but that it is heard, and nothing else is said.
  wallet.requests = [];
  assert.deepEqual(await said(wallet, ' I quoted.\nRead it again. \n'), { state: 'open', answer: null });
  assert.deepEqual(wallet.requests.map(({ url }) => url), [`${world.origin}/v1/audiences/${forum.audience}/appeals`]);
  const [body] = sent(wallet);
  assert.deepEqual([Object.keys(body), body.version, body.text], [['version', 'text', 'answer'], 1, 'I quoted.\nRead it again.']);
  assert.deepEqual(Object.keys(body.answer), ['version', 'request', 'root', 'presentation']);
  const { scopes, predicates = [], disclose = [], audience } = body.answer.request;
  assert.deepEqual([scopes, predicates, disclose, audience], [[{ purpose: 'sign-in', audience: forum.audience }], [], [], forum.audience]);
  // What was never sent gave way to it.
  assert.deepEqual(await kept(wallet), [['I quoted.\nRead it again.', 'open', null, null]]);

  // The same again asks, and is one.
  assert.deepEqual(await said(wallet, 'I quoted.\nRead it again.'), { state: 'open', answer: null });
  assert.equal(heard('I quoted.\nRead it again.').length, 1);
  // Another has to wait, and is not lost.
  assert.equal(await failure(said(wallet, 'Second.')), 'appeal-open');
  assert.deepEqual(await kept(wallet), [['Second.', 'unsent', null, 'appeal-open'], ['I quoted.\nRead it again.', 'open', null, null]]);
  decide('I quoted.\nRead it again.', 'refuse', 'It was no quote.\nRead the rules.');
  assert.deepEqual(await said(wallet, 'I quoted.\nRead it again.'), { state: 'refused', answer: 'It was no quote.\nRead the rules.' });
  assert.deepEqual(await said(wallet, 'Second.'), { state: 'open', answer: null });
  decide('Second.', 'grant', 'You did quote.');
  assert.deepEqual(await said(wallet, 'Second.'), { state: 'granted', answer: 'You did quote.' });
  const { bans, appeals } = await wallet.engine.appeals();
  assert.deepEqual([bans, appeals.map(({ state }) => state)], [[], ['granted', 'refused']]);
  assert.equal(await forum.signedIn(wallet), pseudonym);
  await wallet.engine.forgetAppeal({ id: appeals[0].id });
  assert.deepEqual((await (await wallet.reopened()).engine.appeals()).appeals, [appeals[1]]);
});

test('three against one ban; who can sign in again is told of none', async () => {
  const { wallet, pseudonym } = await banned();
  assert.equal((await wallet.engine.appeals()).bans[0].until, null);
  for (const text of ['One.', 'Two.', 'Three.']) {
    assert.equal((await said(wallet, text)).state, 'open');
    decide(text, 'refuse', 'No.');
    assert.equal((await said(wallet, text)).state, 'refused');
  }
  assert.equal(await failure(said(wallet, 'Four.')), 'appeals-used');
  assert.deepEqual((await kept(wallet))[0], ['Four.', 'unsent', null, 'appeals-used']);
  const unban = () => {
    const { ban: number } = JSON.parse(world.run('forum', 'bans', '--data', 'data', '--forum', forum.id, '--json')).find(({ username }) => username === pseudonym);
    world.run('forum', 'unban', '--data', 'data', String(number), '--reason', 'mistake', '--operator', 'carla');
  };
  // Lifted by itself: the next sign-in shows it.
  unban();
  assert.equal((await wallet.engine.appeals()).bans.length, 1);
  assert.equal(await forum.signedIn(wallet), pseudonym);
  assert.equal((await wallet.engine.appeals()).bans.length, 0);
  // An old decision lifts no new ban.
  ban(pseudonym);
  assert.equal(await failure(wallet.engine.present({ address: (await forum.begun()).address, smallestSet: 0 })), 'banned');
  assert.equal((await said(wallet, 'Five.')).state, 'open');
  decide('Five.', 'grant', 'Yes.');
  assert.equal((await said(wallet, 'Five.')).state, 'granted');
  ban(pseudonym);
  assert.equal(await failure(wallet.engine.present({ address: (await forum.begun()).address, smallestSet: 0 })), 'banned');
  assert.equal((await said(wallet, 'Five.')).state, 'granted');
  const [{ id }] = (await wallet.engine.appeals()).bans;
  // A request that is no sign-in page's tells of it too, and one that is accepted shows that there is none.
  await wallet.engine.forgetAppeal({ id });
  const asked = () => world.ask({ purposes: [{ purpose: 'sign-in' }], predicates: ['votes >= 1'] }, 'club');
  assert.equal(await failure(wallet.answer(await asked(), { acceptPolicy: true })), 'banned');
  assert.deepEqual((await wallet.engine.appeals()).bans.map(({ reason, audience }) => [reason, audience]), [['Insults.', forum.audience]]);
  const { kind, what, by, code } = wallet.vault.remembered.at(-1);
  assert.deepEqual([kind, what, by, code], ['answer', 'sign-in', 'service', 'banned']);
  unban();
  assert.equal((await wallet.answer(await asked())).verdict, 'accepted');
  assert.deepEqual((await wallet.engine.appeals()).bans, []);
});

test('kept before it is sent, wherever the page ends', async () => {
  const { wallet } = await banned();
  // While it is proved.
  const { proveAppeal } = wallet.core;
  wallet.core.proveAppeal = () => { throw new Error('ended'); };
  await assert.rejects(said(wallet, 'Hear me.'), /ended/);
  delete wallet.core.proveAppeal;
  assert.equal(wallet.core.proveAppeal, proveAppeal);
  let again = await wallet.reopened();
  assert.deepEqual(await kept(again), [['Hear me.', 'unsent', null, null]]);
  // When it leaves: it is on the disk as something that may have arrived. The service hears it, and the answer is lost.
  again.bend = async (url, options) => {
    if (!isAppeal(url)) return null;
    again.atSending = JSON.parse(again.vault.saves.at(-1).data).engine.appeals.said;
    await fetch(url, options);
    throw new TypeError('Failed to fetch');
  };
  assert.equal(await failure(said(again, 'Hear me.')), 'service-unreachable');
  assert.deepEqual(again.atSending.map(({ text, state }) => [text, state]), [['Hear me.', 'unanswered']]);
  again = await again.reopened();
  const [{ service, audience, community, text, state }] = (await again.engine.appeals()).appeals;
  assert.deepEqual([text, state], ['Hear me.', 'unanswered']);
  assert.deepEqual(await again.engine.appeal({ service, audience, community, text }), { state: 'open', answer: null });
  assert.equal(heard('Hear me.').length, 1);
  assert.deepEqual(await kept(await again.reopened()), [['Hear me.', 'open', null, null]]);
  // Locked while the answer is on its way.
  again.bend = async (url, options) => {
    const answer = await fetch(url, options);
    again.vault.lock();
    return answer;
  };
  assert.equal(await failure(said(again, 'Hear me.')), 'locked');
});

test('a text that no service takes is not sent, nor kept', async () => {
  const { wallet } = await banned();
  const long = '長'.repeat(1333);
  for (const text of ['', ' \n\n ', '\u3000', `${long}xx`, 'a\tb', 'a\rb', 'a\r\nb', 'a\u0000b', 'a\u007fb', 'a\u0085b', 'a\u2028b', 'a\u2029b', 'a\u200bb', 'a\u202eb', 'a\ufeffb',
    'a\u00adb', 'a\ud800b', 'a\u{e0041}b', null, undefined, 7, ['a'], { length: 3 }]) {
    assert.equal(await failure(said(wallet, text)), 'appeal-text', JSON.stringify(text));
  }
  assert.deepEqual([wallet.requests, await kept(wallet)], [[], []]);
  // As long as it may be, in any language.
  const fits = `${long}\n`.trim() + 'x';
  assert.equal(Buffer.byteLength(fits), 4000);
  assert.equal((await said(wallet, fits)).state, 'open');
  assert.equal(heard(fits).length, 1);
});

test('the place has to be one, and the one that is known', async () => {
  const { wallet } = await banned();
  for (const [more, code] of [[{ service: 'http://example.org' }, 'service-address'], [{ service: `${world.origin}/path` }, 'service-address'],
    [{ audience: 'club' }, 'audience-id'], [{ audience: forum.audience.toUpperCase() }, 'audience-id'], [{ community: null }, 'community-id'],
    [{ community: '00'.repeat(32) }, 'credential-none'],
    [{ service: 'https://id.example.org' }, 'issuer-changed']]) {
    assert.equal(await failure(said(wallet, 'Hear me there.', more)), code);
  }
  const stranger = await world.wallet();
  assert.equal(await failure(said(stranger, 'Hear me there.')), 'credential-none');
  assert.deepEqual([wallet.requests, stranger.requests, await kept(wallet), await kept(stranger)], [[], [], [], []]);
  assert.equal(await failure(said(wallet, 'Hear me there.', { audience: '00'.repeat(32) })), 'not-banned');
});

test('the copy as it is while it is new; none of a log of two histories', async () => {
  const { wallet } = await banned();
  const { engine } = wallet.vault.data;
  engine.logs[world.community].forks.push({ smaller: '', larger: '' });
  assert.equal(await failure(said(wallet, 'In time.')), 'log-fork');
  assert.deepEqual([wallet.requests, await kept(wallet)], [[], [['In time.', 'unsent', null, null]]]);
  engine.logs[world.community].forks = [];
  // A copy without the leaf proves nothing.
  wallet.core.openCommunity(world.community);
  assert.equal(failureOf(() => wallet.core.proveAppeal(forum.audience, Buffer.from('In time.'))).code, 'leaf-missing');
  // After an hour what is published is fetched first.
  wallet.shift = 3600;
  assert.equal((await said(wallet, 'In time.')).state, 'open');
  assert.ok(wallet.requests.some(({ url }) => url.endsWith('/log/checkpoint')));
  assert.equal(wallet.requests.findIndex(({ url }) => isAppeal(url)), wallet.requests.length - 1);
});

test('a service that lies', async () => {
  const { wallet } = await banned();
  const bent = async (answer, text = 'Do not lie.') => {
    wallet.bend = async (url) => (isAppeal(url) ? answer() : null);
    try { return await failure(said(wallet, text)); } finally { wallet.bend = null; }
  };
  const json = (value, status = 200) => () => new Response(JSON.stringify(value), { status });
  for (const told of [{}, { state: 'lifted' }, { state: null }, { state: ['granted'] }, { state: 'open', answer: 'Soon.' }, { state: 'granted', answer: '' },
    { state: 'granted', answer: ' ' }, { state: 'refused', answer: 7 }, { state: 'refused', answer: ['No.'] }, { state: 'refused', answer: 'x'.repeat(2001) },
    { state: 'refused', answer: '長'.repeat(667) },
    { state: 'refused', answer: 'a\u0007b' }, { state: 'refused', answer: 'a\u202eb' }, { state: 'refused', answer: 'a\r\nb' }, { state: 'refused', answer: 'a\ud800b' }, [], null,
    'granted']) {
    assert.equal(await bent(json(told)), 'answer-malformed', JSON.stringify(told));
  }
  assert.equal(await bent(() => new Response('{"state":"gran')), 'answer-malformed');
  assert.equal(await bent(() => new Response(Buffer.from('{"state":"refused","answer":"\xff"}', 'latin1'))), 'answer-malformed');
  assert.equal(await bent(json({ state: 'refused', answer: 'x'.repeat(40000) })), 'answer-too-large');
  // Of what stands between nobody knows what it let through; what the service itself refuses it has not taken.
  for (const [answer, code, state, refusal] of [
    [() => new Response('<h1>Forbidden</h1>', { status: 403 }), 'http-403', 'unanswered', null], [json({ code: 'busy' }, 503), 'busy', 'unanswered', null],
    [json({ code: 'locked' }, 409), 'http-409', 'unanswered', null], [json({ code: 'membership-proof' }, 422), 'membership-proof', 'unsent', 'membership-proof']]) {
    assert.equal(await bent(answer), code);
    assert.deepEqual(await kept(wallet), [['Do not lie.', state, null, refusal]]);
  }
  assert.equal((await wallet.engine.appeals()).bans.length, 1);
  assert.equal((await said(wallet, 'Do not lie.')).state, 'open');
  // What was open stays so, whatever is refused later; not what the service says that it decided.
  assert.equal(await bent(json({ code: 'appeals-used' }, 409)), 'appeals-used');
  assert.deepEqual(await kept(wallet), [['Do not lie.', 'open', null, null]]);
});

test('bans as a service tells them, and how many are kept', async () => {
  const wallet = await (await world.wallet()).joined(members.shift());
  const told = async (problem) => {
    const { address } = await forum.begun();
    wallet.bend = async (url, options) => (options.method === 'POST' ? new Response(JSON.stringify({ code: 'banned', ...problem }), { status: 403 }) : null);
    try { assert.equal(await failure(wallet.engine.present({ address, smallestSet: 0 })), 'banned'); } finally { wallet.bend = null; }
    return (await wallet.engine.appeals()).bans;
  };
  const now = Math.floor(Date.now() / 1000);
  const shown = (bans) => bans.map(({ reason, until }) => [reason, until]);
  assert.deepEqual(shown(await told({ reason: 'Insults.', until: now + 60 })), [['Insults.', now + 60]]);
  const [{ id }] = (await wallet.engine.appeals()).bans;
  assert.deepEqual(shown(await told({ reason: 'a\nb', until: 2 ** 53 - 1 })), [['', null]]);
  assert.deepEqual(shown(await told({ reason: 'x'.repeat(1001), until: -1 })), [['', null]]);
  assert.deepEqual(shown(await told({ reason: 'Over.', until: now - 1 })), []);
  const bans = await told({ reason: 'Again.' });
  assert.deepEqual([shown(bans), bans[0].id], [[['Again.', null]], id]);
  await wallet.engine.forgetAppeal({ id });
  assert.deepEqual((await wallet.engine.appeals()).bans, []);

  // Those that are decided make room.
  const list = wallet.vault.data.engine.appeals;
  const one = (text, state) => ({ id: text, time: now, ...place(), audience: '11'.repeat(32), forum: null, text, state, answer: null, refusal: null });
  list.said = Array.from({ length: 32 }, (_, at) => one(`${at}`, at === 5 ? 'refused' : 'open'));
  assert.equal(await failure(said(wallet, 'One more.')), 'not-banned');
  const texts = (await kept(wallet)).map(([text]) => text);
  assert.deepEqual([texts.length, texts.includes('5'), texts.includes('0'), texts[0]], [32, false, true, 'One more.']);
  list.bans = Array.from({ length: 32 }, (_, at) => ({ ...one(`${at}`, null), audience: `${at}`, reason: '', until: null }));
  assert.equal((await told({ reason: 'One more.' })).length, 32);
});
