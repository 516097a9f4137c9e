// A tree so large that a wallet fetches the leaves of eight buckets: the worker's code and the module, with files as a service publishes them. What is fetched has to be the same
// whoever fetches it. With SYMBOLON_LARGE_LOG (what Scripts/large-log builds) beside the two that the other tests want.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { LargeLog, megabytes, taken } from './large.mjs';
import { failure } from './world.mjs';

const module = fs.readFileSync(process.env.SYMBOLON_WALLET_MODULE);
let large, member, drawn;
before(() => { large = new LargeLog(process.env.SYMBOLON_LARGE_LOG, module, 12); });
after(() => large?.end());

/** Synchronises; the log's files that were asked for. Says what it took. */
async function synced(wallet, told) {
  taken(wallet);
  const start = performance.now();
  const [{ error }] = (await wallet.engine.sync()).communities;
  if (error) throw new Error(`sync: ${error}`);
  const names = taken(wallet);
  told.diagnostic(`${names.length} files in ${Math.round(performance.now() - start)} ms, memory of the module ${megabytes(wallet)} MB`);
  return names;
}

const stateOf = async (wallet) => (await wallet.engine.credentials()).credentials.map(({ state }) => state);

/** That what was asked for is exactly what everybody asks for who has drawn these buckets, in the order that everybody has. */
function assertAskedFor(names, hashes, tree) {
  const expected = [...hashes, ...tree];
  const without = (some, others) => some.filter((name) => !others.includes(name));
  assert.deepEqual({ missing: without(expected, names), tooMany: without(names, expected) }, { missing: [], tooMany: [] });
  assert.deepEqual(names, expected);
}

test('before there is a credential, no leaves are fetched', async (told) => {
  member = await large.wallet();
  await member.claim('member');
  assertAskedFor(taken(member), large.hashFiles(), large.treeFiles([]));
  assert.deepEqual(await stateOf(member), ['waiting']);
  told.diagnostic(`${large.leaves()} leaves, ${large.bucketCount()} buckets`);
});

test('when the leaf can be in the tree, eight buckets are drawn, its own among them', async (told) => {
  large.state = 2;
  const names = await synced(member, told);
  drawn = large.bucketsOf(names);
  assert.ok(drawn.length === 8 && drawn.includes(large.bucketOf(large.about.place)) && large.bucketCount() > 8, `${drawn}`);
  assertAskedFor(names, large.hashFiles(1), large.treeFiles(drawn, { from: 1, hadLeaves: false }));
  assert.deepEqual(await stateOf(member), ['in-tree']);
  // Of the others no leaf is here.
  const kept = member.vault.stored.get(large.community);
  for (let bucket = 0; bucket < large.bucketCount(); bucket += 1) {
    const leaves = large.file(`log/${large.part(2, 1, bucket * large.bucketWidth)}`);
    assert.equal(Buffer.from(kept).includes(leaves), drawn.includes(bucket), `${bucket}`);
  }
});

test('a wallet that was brought back draws the same, and so does one of the same words whose leaf is in another of them', async (told) => {
  const [back, other] = [await large.wallet({ state: 'restored.json' }), await large.wallet({ state: 'other.json' })];
  const names = await synced(back, told);
  const everybodys = [large.hashFiles(), large.treeFiles(drawn)];
  assertAskedFor(names, ...everybodys);
  assertAskedFor(await synced(other, told), ...everybodys);
  assert.deepEqual([await stateOf(back), await stateOf(other)], [['in-tree'], ['in-tree']]);
  assert.notEqual(large.bucketOf(large.about.place), large.bucketOf(large.about.other));

  // What gives a leaf away is seen here: its bucket alone, its part alone, all but its part, its part first, one that was not drawn, an entry, a part again.
  const own = large.part(2, 1, Math.floor(large.about.place / large.leafWidth));
  const ownBucket = large.treeFiles([large.bucketOf(large.about.place)]);
  const another = large.parts().find(({ level, name }) => level === 1 && !names.includes(name)).name;
  const leavesAre = (are) => names.filter((name) => !name.startsWith(`tree/${large.size()}/1/`) || are(name));
  for (const leaking of [
    leavesAre((name) => ownBucket.includes(name)), leavesAre((name) => name === own), leavesAre((name) => name !== own), [own, ...leavesAre((name) => name !== own)],
    [...names, another], [...names, 'tile/entries/000'], [...names, own],
  ]) assert.throws(() => assertAskedFor(leaking, ...everybodys), assert.AssertionError);
});

test('a stored copy is opened again, and nothing of it is fetched anew', async (told) => {
  const again = large.connected(await member.reopened());
  assertAskedFor(await synced(again, told), [], []);
  assert.deepEqual(await stateOf(again), ['in-tree']);
  // The tree, its stored form twice, and ten for the rest: a further copy of it would show.
  assert.ok(megabytes(again) <= 24, `${megabytes(again)} MB`);
  member = again;
});

test('what was altered is refused, and the copy is as before', async () => {
  large.state = 3;
  const kept = member.vault.stored.get(large.community).toString();
  const wanted = large.treeFiles(drawn, { from: 2 });
  const leaves = wanted.find((name) => name.split('/')[2] === '1'), root = wanted.find((name) => name.split('/')[2] === '3');
  for (const [altered, code] of [[leaves, 'log-tree'], [root, 'log-tree'], [large.hashFiles(2)[0], 'log-tile']]) {
    let hits = 0;
    member.bend = async (url, options) => {
      if (!url.endsWith(`/log/${altered}`)) return large.serve(url, options);
      hits += 1;
      const bytes = large.file(`log/${altered}`);
      bytes[bytes.length >> 1] ^= 1;
      return new Response(bytes);
    };
    assert.equal((await member.engine.sync()).communities[0].error, code, altered);
    assert.ok(hits > 0 && member.vault.stored.get(large.community).toString() === kept, altered);
  }
  large.connected(member);
});

test('when the tree grows and when leaves are taken out, what changed is fetched, of the same buckets', async (told) => {
  const buckets = large.bucketCount(2);
  assert.ok(large.bucketCount() > buckets, 'the tree has a bucket more');
  let names = await synced(member, told);
  assertAskedFor(names, large.hashFiles(2), large.treeFiles(drawn, { from: 2 }));
  assert.ok(names.length < 20, `${names.length}`);
  // One leaf of each bucket is taken out: the root's children, those of all buckets, and one part of each that was drawn.
  large.state = 4;
  names = await synced(member, told);
  assertAskedFor(names, large.hashFiles(3), large.treeFiles(drawn, { from: 3 }));
  assert.equal(names.filter((name) => name.startsWith('tree/')).length, 1 + large.bucketCount() + 8);
  assert.deepEqual([large.bucketsOf(names), await stateOf(member)], [drawn, ['in-tree']]);
});

test('a presentation is made from it without a fetch, and holds', async (told) => {
  const again = large.connected(await member.reopened());
  const start = performance.now();
  const request = { audience: large.about.audience, nonce: large.about.nonce };
  await again.answer(request, { smallestSet: 900 });
  told.diagnostic(`answered in ${Math.round(performance.now() - start)} ms, memory of the module ${megabytes(again)} MB`);
  assert.ok(again.requests.every(({ url }) => !url.includes('/log/')), `${again.requests.map(({ url }) => url)}`);
  const verified = (answer) => {
    fs.writeFileSync(large.path('answer.json'), answer);
    const files = { community: 'log/community.json', checkpoint: `checkpoint-${large.state}`, request: 'request.json', answer: 'answer.json' };
    const args = Object.entries(files).flatMap(([name, file]) => [`--${name}`, large.path(file)]);
    const env = { ...process.env, XDG_STATE_HOME: large.path('state') };
    return spawnSync(process.env.SYMBOLON_BINARY, ['verify', ...args, '--id', large.community, '--json'], { encoding: 'utf8', env });
  };
  const accepted = verified(large.answers.at(-1));
  assert.equal(accepted.status, 0, accepted.stderr);
  assert.equal(JSON.parse(accepted.stdout).verdict, 'accepted');
  // Against another state's root it does not hold.
  large.state = 2;
  fs.rmSync(large.path('state'), { recursive: true, force: true });
  assert.equal(verified(large.answers.at(-1)).status, 1);
  assert.equal(await failure(again.answer({ ...request, nonce: '00' })), 'http-404');
});
