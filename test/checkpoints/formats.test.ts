// Every tensor of files that the owning libraries wrote: the same name, type, shape and bytes as
// the library itself reads.
import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import type { Checkpoint, StoredTensor } from '../../src/model/checkpoint/checkpoint';
import { openCheckpointFile } from '../../src/model/checkpoint/openFile';
import { contentOf } from './content';
import { writeFiles, type ExpectedTensor, type WrittenFile } from './written';

const { written, remove } = await writeFiles();
const total = { files: 0, tensors: 0 };

afterAll(() => {
  remove();
  console.log(`${total.files} files of the owning libraries, ${total.tensors} tensors equal`);
});

for (const library of written) {
  if ('missing' in library) {
    it.skip(`${library.name}: ${library.missing}`);
    continue;
  }
  describe(library.name, () => {
    it.each(library.files)('$file', (file) => {
      const checkpoint = openCheckpointFile(file.path);
      try {
        compare(checkpoint, file);
        total.files += 1;
      } finally {
        checkpoint.close();
      }
    });
  });
}

function compare(checkpoint: Checkpoint, file: WrittenFile): void {
  expect(checkpoint.models.map(({ name }) => name).sort()).toEqual(Object.keys(file.models).sort());
  const calls = checkpoint.warnings.filter(({ text }) => / calls | would /.test(text));
  expect(calls).toEqual([]);
  if (file.epoch !== undefined) expect(checkpoint.epoch).toBe(file.epoch);
  for (const model of checkpoint.models) {
    expect(model.copyOf).toBe(file.copies[model.name]);
    const expected = file.models[model.name] ?? {};
    if (file.named) expect(byName(model.tensors, expected)).toEqual(expected);
    else
      expect(model.tensors.map(valueOf).sort(order)).toEqual(Object.values(expected).sort(order));
    total.tensors += Object.keys(expected).length;
  }
}

/** Under the names that are expected; a name too many stands for itself. */
function byName(
  tensors: readonly StoredTensor[],
  expected: Readonly<Record<string, ExpectedTensor>>,
): Readonly<Record<string, ExpectedTensor>> {
  return Object.fromEntries(
    tensors.flatMap((tensor) => {
      const value = valueOf(tensor);
      const aliases = (tensor.aliases ?? []).filter((alias) => Object.hasOwn(expected, alias));
      const known = Object.hasOwn(expected, tensor.name) || aliases.length === 0;
      return [...(known ? [tensor.name] : []), ...aliases].map((name) => [name, value]);
    }),
  );
}

function valueOf(tensor: StoredTensor): ExpectedTensor {
  const { dtype, shape } = tensor;
  const sha256 = createHash('sha256').update(contentOf(tensor)).digest('hex');
  return { dtype, shape: [...shape], sha256 };
}

function order(a: ExpectedTensor, b: ExpectedTensor): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
