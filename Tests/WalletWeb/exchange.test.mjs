// The browser's wallet and the command line's are one: files go both ways, answers are verified offline and by the Python model.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { openFile, sealFile } from '../../Sources/WalletWeb/Page/worker/wallet-file.js';
import { Wallet, World, failure, passphrase } from './world.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
let world, ann;
before(async () => {
  world = new World(process.env.SYMBOLON_BINARY, fs.readFileSync(process.env.SYMBOLON_WALLET_MODULE));
  await world.start();
  ann = await world.wallet();
  await ann.joined('ann');
});
after(() => world?.end());

test('a wallet of the browser opens in the command line, and goes on', async () => {
  fs.writeFileSync(world.file('ann.wallet'), await sealFile(ann.core.state(), passphrase));
  const shown = JSON.parse(world.run('wallet', 'show', '--wallet', 'ann.wallet', '--json'));
  assert.deepEqual(shown.credentials.map((one) => [one.community, one.values]), [[world.community, { votes: 25, standing: 0, group: 0 }]]);
  const request = await world.ask({ purposes: [{ purpose: 'act', subject: '40' }], predicates: ['votes >= 20'] });
  const present = () => world.tried('wallet', 'present', '--wallet', 'ann.wallet', '--service', world.origin, '--audience', request.audience, '--nonce', request.nonce, '--smallest-set', '0', '--json');
  assert.equal(JSON.parse(present().stdout).verdict, 'accepted');
  // And back, with what was pinned there. It is the same person.
  const back = await Wallet.made(world, { state: await openFile(new Uint8Array(fs.readFileSync(world.file('ann.wallet'))), passphrase) });
  back.vault.data.services[world.community] = world.origin;
  await back.synced();
  assert.equal(await failure(back.answer(await world.ask({ purposes: [{ purpose: 'act', subject: '40' }], predicates: ['votes >= 20'] }))), 'already-spent');
  assert.equal(await failure(back.answer(await world.ask({ purposes: [{ purpose: 'act', subject: '41' }], predicates: ['votes >= 21'] }))), 'policy-changed');
});

test('a wallet of the command line opens in the browser, a claim on its way included', async () => {
  world.run('wallet', 'init', '--wallet', 'ben.wallet', '--json');
  world.write('code', world.codes.ben);
  world.run('wallet', 'claim', '--wallet', 'ben.wallet', '--service', world.origin, '--community', world.community, '--code-file', 'code', '--json');
  const state = await openFile(new Uint8Array(fs.readFileSync(world.file('ben.wallet'))), passphrase);
  const before = Buffer.from(state);
  const ben = await Wallet.made(world, { state });
  // Byte for byte what the command line wrote.
  assert.deepEqual(Buffer.from(ben.core.state()), before);
  ben.vault.data.services[world.community] = world.origin;
  await ben.synced();
  assert.equal((await ben.answer(await world.ask({ purposes: [{ purpose: 'act', subject: '40' }], predicates: ['votes >= 20'] }))).verdict, 'accepted');
});

/** An answer of the module that is not sent, with the request as it was served. */
async function unsent(question, audience = 'forum') {
  const request = await world.ask(question, audience);
  let body = null;
  ann.bend = (url, options) => {
    if (!url.endsWith('/presentations')) return null;
    body = Buffer.from(options.body);
    return new Response('{"code":"kept-here"}', { status: 400 });
  };
  try { assert.equal(await failure(ann.answer(request, { acceptPolicy: true })), 'kept-here'); } finally { ann.bend = null; }
  return { request, body, answer: JSON.parse(body) };
}

test('an answer of the module holds offline, and only as it is', async () => {
  const { request, body } = await unsent({ purposes: [{ purpose: 'act', subject: '42' }], predicates: ['votes >= 20'], disclose: ['group'] });
  world.write('request.json', JSON.stringify(request));
  world.write('answer.json', body.toString());
  world.write('community.json', await (await fetch(`${world.origin}/log/community.json`)).text());
  // The checkpoint of the wallet's copy: others have come into the tree since.
  world.write('checkpoint.txt', ann.vault.data.engine.logs[world.community].seen);
  const verify = () => world.tried('verify', '--community', 'community.json', '--id', world.community, '--checkpoint', 'checkpoint.txt', '--request', 'request.json', '--answer', 'answer.json').status;
  assert.equal(verify(), 0);
  const changed = JSON.parse(body);
  const proof = Buffer.from(changed.presentation, 'base64url');
  proof[proof.length - 40] ^= 1;
  world.write('answer.json', JSON.stringify({ ...changed, presentation: proof.toString('base64url') }));
  assert.equal(verify(), 1);
});

const u32 = (value) => { const bytes = Buffer.alloc(4); bytes.writeUInt32LE(value >>> 0); return bytes; };
const i64 = (value) => { const bytes = Buffer.alloc(8); bytes.writeBigInt64LE(BigInt(value)); return bytes; };
const prefixed = (bytes) => Buffer.concat([u32(bytes.length), bytes]);
const hex = (text) => Buffer.from(text, 'hex');

/** An answer as a case of docs/protocol/case.py: written down here once more, from the encodings. */
function protocolCase({ answer }, depth, names) {
  const { request } = answer;
  const context = crypto.createHash('sha256').update('SYMBOLON-V01-context').update(Buffer.concat([
    hex(request.community), hex(request.schema), u32(request.epoch), hex(request.audience), prefixed(hex(request.nonce)), i64(request.expires), prefixed(hex(request.message ?? ''))])).digest();
  const purposes = { 'sign-in': 1, account: 2, post: 3, act: 4 };
  const optional = (value, encode) => (value === undefined ? Buffer.from([0]) : Buffer.concat([Buffer.from([1]), encode(value)]));
  const bytes = (text) => prefixed(hex(text));
  const scope = (one) => Buffer.concat([Buffer.from([purposes[one.purpose]]), optional(one.community, bytes), optional(one.epoch, u32), optional(one.audience, bytes), optional(one.subject, bytes), optional(one.index, u32)]);
  const scopes = request.scopes.map(scope);
  if (request.tickets) scopes.push(scope({ purpose: 'post', community: request.community, epoch: request.epoch, audience: request.audience, index: answer.ticket }));
  const index = (name) => names.indexOf(name) + 1;
  const predicates = (request.predicates ?? []).map((text) => {
    const [, sum, sign, bound] = /^(.*) (>=|<=) (-?\d+)$/.exec(text);
    const turn = sign === '>=' ? 1 : -1;
    const weights = sum.split(' + ').map((term) => {
      const [, factor, name] = /^(?:(\d+)\*)?([a-z]+)$/.exec(term);
      return [index(name), turn * Number(factor ?? 1)];
    }).sort((a, b) => a[0] - b[0]);
    return { weights, bound: turn * Number(bound) };
  });
  const presentation = Buffer.from(answer.presentation, 'base64url');
  return {
    depth, width_q: 120, width_p: 104, gates: 256, root: answer.root, attributes: names.length + 1, context: context.toString('hex'), scopes: scopes.map((one) => one.toString('hex')),
    disclosed: (request.disclose ?? []).map((name, at) => [index(name), BigInt(answer.disclosed[at]).toString(16).padStart(64, '0')]), predicates,
    presentation: presentation.toString('hex'), nullifiers: scopes.map((_, at) => presentation.subarray(33 * at, 33 * at + 33).toString('hex')), valid: true };
}

test('the Python model and the command line agree with the module', async () => {
  const names = ['votes', 'standing', 'group'];
  const answers = [
    await unsent({ purposes: [{ purpose: 'act', subject: '43' }, { purpose: 'account' }], predicates: ['votes >= 20'], disclose: ['group'] }),
    await unsent({ purposes: [], tickets: 5, predicates: ['2*votes + standing >= 40'], message: '07'.repeat(32) }, 'other'),
  ];
  const cases = answers.map((answer) => protocolCase(answer, 2, names));
  // The same under another context is nobody's proof.
  cases.push({ ...cases[0], context: '00'.repeat(32), valid: false, why: 'another context' });
  const file = world.write('cases.json', JSON.stringify(cases));
  world.run('protocol', 'check-case', 'cases.json');
  const model = spawnSync('python3', ['docs/protocol/case.py', 'check', file], { cwd: root, encoding: 'utf8' });
  assert.equal(model.status, 0, `${model.stdout}${model.stderr}`);
});
