import { build } from 'esbuild';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CheckpointError } from '../../../../src/model/checkpoint/checkpointError';
import { ConfigProblems } from '../../../../src/model/compare/configProblems';
import type { CheckpointFile, CompareJob, Job } from '../../../../src/model/jobs/jobs';
import { runJob, type JobOptions } from '../../../../src/model/jobs/runJob';

const folder = mkdtempSync(join(tmpdir(), 'permafrost-jobs-'));
const worker = join(folder, 'checkpoint-worker.cjs');
const root = join(import.meta.dirname, '../../../..');

beforeAll(async () => {
  await build({
    ...{ bundle: true, platform: 'node', format: 'cjs', mainFields: ['module', 'main'] },
    ...{ entryPoints: [join(root, 'src/model/jobs/worker.ts')], outfile: worker },
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A safetensors file of one float32 tensor `x`. */
function safetensors(...numbers: number[]): Uint8Array {
  const body = Buffer.from(Float32Array.from(numbers).buffer);
  const x = { dtype: 'F32', shape: [numbers.length], data_offsets: [0, body.length] };
  const header = Buffer.from(JSON.stringify({ x }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, body]);
}

const inMemory = (name: string, bytes: Uint8Array): CheckpointFile => ({
  ...{ name, bytes, siblings: {} },
});
const comparing = (files: CheckpointFile[], text: string | null = null): CompareJob => ({
  ...{ kind: 'compare', files, inspection: null },
  config: text === null ? null : { file: 'permafrost.json', text },
});

/** A worker that does what is written here, where the real one has no such fault. */
function strange(name: string, code: string): string {
  const path = join(folder, name);
  writeFileSync(path, code);
  return path;
}
const failing = (job: Job, options: JobOptions): Promise<unknown> =>
  runJob(job, options).then(
    () => 'nothing',
    (error: unknown) => error,
  );

test('lists a file on the disk', async () => {
  const path = join(folder, 'model.safetensors');
  writeFileSync(path, safetensors(1, 2));
  const listing = await runJob(
    { kind: 'list', file: { name: 'model.safetensors', path } },
    { worker },
  );
  expect(listing).toMatchObject({ format: 'safetensors', source: 'model.safetensors' });
  expect(listing.models[0]?.tensors).toMatchObject([{ name: 'x', dtype: 'float32', shape: [2] }]);
});

test('compares files in memory', async () => {
  const files = [1, 2].map((value) => {
    const bytes = safetensors(...new Array<number>(100_000).fill(value));
    return inMemory(`${String(value)}.safetensors`, bytes);
  });
  const comparison = await runJob(comparing(files), { worker });
  expect(comparison.models[0]?.tensors[0]?.pairs).toMatchObject([
    { verdict: { kind: 'different', elements: 100_000, maxDelta: 1 }, expected: 'unknown' },
  ]);
});

test('errors of both kinds keep their fields', async () => {
  const bad = inMemory('bad.safetensors', Buffer.from('no checkpoint at all'));
  const error = await failing({ kind: 'list', file: bad }, { worker });
  expect(error).toBeInstanceOf(CheckpointError);
  expect(error).toMatchObject({ file: 'bad.safetensors', offset: 0 });
  const good = inMemory('good.safetensors', safetensors(1));
  const refused = await failing(comparing([good, good], '{"freeze": ["y"]}'), { worker });
  expect(refused).toBeInstanceOf(ConfigProblems);
  expect(refused).toMatchObject({ file: 'permafrost.json', problems: [{ line: 1, column: 13 }] });
});

const job = comparing([inMemory('a.pt', safetensors(1)), inMemory('b.pt', safetensors(1))]);

test('a thread that fills memory, dies or throws is an error that names the files', async () => {
  const hoard = strange(
    'hoard.cjs',
    'const all = []; for (;;) all.push(new Array(1000).fill(all.length));',
  );
  const full = await failing(job, { worker: hoard, memory: 32 });
  expect(full).toBeInstanceOf(CheckpointError);
  expect((full as Error).message).toMatch(/^a\.pt, b\.pt: reading it takes more than the 32 MB/);

  const dead = await failing(job, { worker: strange('dead.cjs', 'process.exit(3)') });
  expect((dead as Error).message).toBe(
    'a.pt, b.pt: the thread that read it ended with code 3 and said nothing.',
  );
  const thrown = await failing(job, { worker: strange('thrown.cjs', 'throw new Error("oh")') });
  expect((thrown as Error).message).toBe('a.pt, b.pt: the thread that read it failed: oh');
});

test('an abort ends a thread that never would', async () => {
  const worker = strange('endless.cjs', 'for (;;);');
  const controller = new AbortController();
  const outcome = failing(job, { worker, signal: controller.signal });
  setTimeout(() => {
    controller.abort(new Error('enough'));
  }, 50);
  expect(await outcome).toEqual(new Error('enough'));
  expect(await failing(job, { worker, signal: controller.signal })).toEqual(new Error('enough'));
});
