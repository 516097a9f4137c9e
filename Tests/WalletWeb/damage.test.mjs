// What a service really gives, damaged in every way, straight into the module: it answers each time, and takes nothing over that it must not.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { damaged, fields, generator, raw } from './raw.mjs';
import { World } from './world.mjs';

const rounds = 150;
const u32 = (value) => { const bytes = Buffer.alloc(4); bytes.writeUInt32LE(value); return bytes; };
const u64 = (value) => { const bytes = Buffer.alloc(8); bytes.writeBigUInt64LE(BigInt(value)); return bytes; };
let world, ann, id, seen;
before(async () => {
  world = new World(process.env.SYMBOLON_BINARY, fs.readFileSync(process.env.SYMBOLON_WALLET_MODULE));
  await world.start();
  ann = await world.wallet();
  seen = {};
  ann.bend = async (url, options) => {
    if (!url.endsWith('/v1/credentials')) return null;
    seen.pending = Buffer.from(ann.vault.saves.at(-1).state);
    seen.receipt = Buffer.from(await (await fetch(url, options)).arrayBuffer());
    return new Response(seen.receipt);
  };
  await ann.joined('ann');
  ann.bend = null;
  await (await world.wallet()).joined('ben');
  await ann.engine.sync();
  id = Buffer.from(world.community, 'hex');
  const get = async (path) => Buffer.from(await (await fetch(world.origin + path)).arrayBuffer());
  seen.description = await get('/log/community.json');
  seen.note = await get('/log/checkpoint');
  seen.state = Buffer.from(ann.core.state());
  seen.copy = Buffer.from(ann.vault.stored.get(world.community));
  seen.histogram = Buffer.from(ann.vault.stored.get(`${world.community}-histogram`));
  seen.spent = await get('/v1/spent/1');
  seen.asked = await world.ask({ purposes: [{ purpose: 'act', subject: '00' }], predicates: ['votes >= 20'], disclose: ['group'] });
  seen.ticket = await world.ask({ purposes: [], tickets: 4, predicates: ['2*votes - standing >= 20'] });
  seen.get = get;
});
after(() => world?.end());

/** A module with the wallet open, and the community and its copy at hand. */
async function opened(state = seen.state) {
  const module = await raw(fs.readFileSync(process.env.SYMBOLON_WALLET_MODULE));
  module.fine = (name, ...given) => {
    const { status, answer } = module.call(name, fields(...given));
    assert.equal(status, 0, `${name}: ${answer}`);
    return answer;
  };
  module.fine('wallet_open', state);
  module.fine('community_open', id, '');
  module.fine('copy_open', seen.copy);
  return module;
}

/** Calls with a field damaged again and again; how often it was taken. */
function tried(module, seed, name, given, which, prepare = () => {}) {
  const random = generator(seed);
  let taken = 0;
  for (let round = 0; round < rounds; round += 1) {
    prepare();
    const field = damaged(given[which], random);
    if (field.equals(given[which])) continue;
    const { status, answer } = module.call(name, fields(...given.map((one, at) => (at === which ? field : one))));
    if (status === 1) assert.match(JSON.parse(answer).code, /^[a-z0-9-]+$/);
    else taken += 1;
  }
  return taken;
}

test('a damaged state, description or copy', async () => {
  const module = await opened();
  tried(module, 1, 'wallet_open', [seen.state], 0);
  module.fine('wallet_open', seen.state);
  tried(module, 2, 'community_open', [id, seen.description], 1);
  module.fine('community_open', id, '');
  // Its digest stands at its end: no damage is taken for a copy.
  assert.equal(tried(module, 3, 'copy_open', [seen.copy], 0), 0);
  assert.equal(module.fine('copy_encoded').equals(seen.copy), false);
});

test('damaged receipts', async () => {
  const module = await opened(seen.pending);
  tried(module, 4, 'claim_checks', [seen.receipt], 0);
  // Also of one whose signature somebody has verified, the leaf has to be the commitment and the values.
  const credential = () => JSON.parse(module.fine('wallet_content')).credentials;
  const random = generator(5);
  for (let round = 0; round < rounds; round += 1) {
    module.fine('wallet_open', seen.pending);
    const { status } = module.call('claim_finish', fields(damaged(seen.receipt, random)));
    if (status === 0) assert.deepEqual(credential().map((one) => one.attributes[0].value), [25]);
    else assert.equal(credential().length, 0);
  }
});

test('a damaged checkpoint, hashes and tree', async () => {
  const module = await opened();
  tried(module, 6, 'note_checks', [seen.note], 0);
  tried(module, 7, 'copy_standing', [seen.note], 0);
  tried(module, 8, 'copy_told', [seen.note], 0);
  tried(module, 9, 'update_begin', [Buffer.from([0]), seen.note, u32(0)], 1);
  tried(module, 10, 'update_begin', [Buffer.from([1]), seen.note, u32(1), seen.note], 3);
  // From nothing, file by file: each damaged in many ways before it is given as it is.
  module.fine('community_open', id, '');
  module.fine('update_begin', Buffer.from([0]), seen.note, u32(0));
  const random = generator(11);
  const given = [];
  for (let guard = 0; guard < 20; guard += 1) {
    const { files } = JSON.parse(module.fine('update_wanted', u32(1)));
    if (files.length === 0) break;
    const content = await seen.get(`/log/${files[0].name}`);
    for (let round = 0; round < 30; round += 1) {
      const wrong = damaged(content, random);
      if (wrong.equals(content)) continue;
      // The hashes of the log are held together when all are here; a part of the tree at once.
      const { status } = module.call('update_take', fields(files[0].name, wrong));
      assert.ok(status === 1, `${files[0].name} was taken`);
      module.fine('update_begin', Buffer.from([0]), seen.note, u32(0));
      for (const [name, bytes] of given) module.fine('update_take', name, bytes);
    }
    module.fine('update_take', files[0].name, content);
    given.push([files[0].name, content]);
  }
  module.fine('update_finish');
  const { size, leaves } = JSON.parse(module.fine('copy_state'));
  assert.ok(size > 3 && leaves === 2);
});

test('damaged requests, policies, histograms and sets of spent tickets', async () => {
  const module = await opened();
  const now = u64(Math.floor(Date.now() / 1000));
  for (const [seed, request] of [[12, seen.asked], [13, seen.ticket]]) {
    const given = [Buffer.from(JSON.stringify(request)), Buffer.from(request.audience, 'hex'), Buffer.from([0])];
    const random = generator(seed);
    for (let round = 0; round < rounds; round += 1) {
      if (module.call('request_open', fields(damaged(given[0], random), given[1], given[2])).status === 1) continue;
      // What can be read goes on, as far as the wallet lets it.
      module.call('request_refusal', fields(now));
      module.call('request_set', fields(''));
      module.call('request_pin', fields('', Buffer.from([0]), now));
    }
    module.fine('wallet_open', seen.state);
    module.fine('request_open', ...given);
    module.fine('request_set', seen.histogram);
    assert.ok(tried(module, seed + 10, 'request_set', [seen.histogram], 0) < rounds);
    tried(module, seed + 20, 'histogram_checks', [seen.histogram], 0);
    tried(module, seed + 30, 'spent_checks', [seen.spent], 0);
    tried(module, seed + 40, 'request_ticket', [seen.spent], 0, () => { module.fine('wallet_open', seen.state); module.fine('request_open', ...given); });
    const policy = Buffer.from(JSON.stringify({
      version: 1, community: world.community, schema: request.schema, audience: request.audience, forms: [{ purposes: ['act'], predicates: ['votes >= 20'], disclose: ['group'] }] }));
    module.fine('policy_read', policy, given[1]);
    tried(module, seed + 50, 'policy_read', [policy, given[1]], 0);
    tried(module, seed + 60, 'request_pin', [policy, Buffer.from([1]), now], 0, () => { module.fine('wallet_open', seen.state); module.fine('request_open', ...given); });
  }
});

test('a damaged log', async () => {
  const module = await opened();
  module.fine('reading_begin');
  const { bundles } = JSON.parse(module.fine('reading_wanted', u32(8)));
  assert.equal(bundles.length, 1);
  const content = await seen.get(`/log/${bundles[0].name}`);
  const taken = tried(module, 90, 'reading_take', [content, Buffer.from([0])], 0, () => module.fine('reading_begin'));
  assert.ok(taken < rounds);
  // What could be read is not what is signed: nothing comes of it.
  const random = generator(91);
  for (let round = 0; round < rounds; round += 1) {
    module.fine('reading_begin');
    const wrong = damaged(content, random);
    if (wrong.equals(content)) continue;
    module.call('reading_take', fields(wrong, Buffer.from([0])));
    for (const name of ['settle', 'restore', 'renewal_begin']) assert.equal(module.call(name, Buffer.alloc(0)).status, 1);
  }
  module.fine('reading_begin');
  module.fine('reading_take', content, Buffer.from([0]));
  module.fine('settle');
});
