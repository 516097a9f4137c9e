// Prints what a wallet's copy of a large tree takes in node, as JSON: files and bytes that are fetched, milliseconds of this process's CPU, memory of the module. Arguments: what
// Scripts/large-log built, the module, how many buckets the tree has.
import fs from 'node:fs';
import { LargeLog, megabytes, taken } from './large.mjs';

const [program, module, buckets] = [process.argv[2], fs.readFileSync(process.argv[3]), Number(process.argv[4])];

const cpu = (since) => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
};
const rounded = (milliseconds) => Math.round(milliseconds * 10) / 10;
/** Milliseconds of CPU that some work takes. */
async function spent(work) {
  const before = process.cpuUsage();
  await work();
  return rounded(cpu(before));
}

const start = performance.now();
const large = new LargeLog(program, module, buckets);
const figures = { writing_wall_ms: Math.round(performance.now() - start) };
try {
  /** Counts what verifying files takes. */
  const watched = (wallet) => {
    const take = wallet.core.take.bind(wallet.core);
    wallet.core.take = (name, bytes) => {
      const before = process.cpuUsage();
      take(name, bytes);
      wallet.verifying += cpu(before);
    };
    return wallet;
  };
  const synced = async (wallet) => {
    taken(wallet);
    wallet.verifying = 0;
    const all = await spent(async () => {
      const [{ error }] = (await wallet.engine.sync()).communities;
      if (error) throw new Error(`sync: ${error}`);
    });
    const names = taken(wallet);
    const bytes = names.reduce((sum, name) => sum + fs.statSync(large.path(`log/${name}`)).size, 0);
    return { files: names.length, bytes, cpu_ms: all, verifying_cpu_ms: rounded(wallet.verifying), memory_mb: megabytes(wallet) };
  };
  large.state = 2;
  Object.assign(figures, { leaves: large.leaves(), buckets: large.bucketCount() });
  const wallet = watched(await large.wallet({ state: 'restored.json' }));
  figures.first = await synced(wallet);
  figures.stored_bytes = wallet.vault.stored.get(large.community).length;
  large.state = 3;
  figures.grown = await synced(wallet);
  large.state = 4;
  figures.removed = await synced(wallet);
  const again = large.connected(await wallet.reopened());
  again.core.prepare();
  figures.answer = { cpu_ms: await spent(() => again.answer({ audience: large.about.audience, nonce: large.about.nonce })), memory_mb: megabytes(again) };
  console.log(JSON.stringify(figures, null, 2));
} finally {
  large.end();
}
