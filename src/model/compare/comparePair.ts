import type { CheckpointWarning, StoredTensor } from '../checkpoint/checkpoint';
import { CheckpointError } from '../checkpoint/checkpointError';
import type { ByteSource } from '../checkpoint/byteSource';
import type { PairVerdict } from './comparison';
import type { Contents } from './contents';
import { checkView, extentOf, laidOutAlike } from './view';

/** A tensor of the earlier file and of the later. */
export type Pair = readonly [before: StoredTensor | null, after: StoredTensor | null];

/** Shared by all that are equal: there may be 100,000 of them. */
const EQUAL_BY_CRC32 = { kind: 'equal', by: 'crc32' } as const;

/**
 * What can be told of two tensors without reading them; null when their bytes must be compared.
 * @param exact not to trust checksums
 */
export function verdictByStructure([before, after]: Pair, exact: boolean): PairVerdict | null {
  if (before === null) return { kind: after === null ? 'absent' : 'new' };
  if (after === null) return { kind: 'gone' };
  const { shape } = before;
  const alike =
    shape.length === after.shape.length && shape.every((size, at) => size === after.shape[at]);
  if (!alike) return { kind: 'reshaped', before: shape, after: after.shape };
  if (before.dtype !== after.dtype) {
    return { kind: 'recast', before: before.dtype, after: after.dtype };
  }
  try {
    checkView(before);
    checkView(after);
  } catch (error) {
    return unreadable(error);
  }
  return !exact && sameByChecksum(before, after) ? EQUAL_BY_CRC32 : null;
}

/** Whether both files hold one checksum for storages of one size, seen through one view. */
function sameByChecksum(before: StoredTensor, after: StoredTensor): boolean {
  const { crc32, bytes } = before.storage;
  return (
    crc32 !== null &&
    crc32 === after.storage.crc32 &&
    bytes === after.storage.bytes &&
    before.offset === after.offset &&
    laidOutAlike(before, after)
  );
}

/** Bytes that have to be compared for the pair. */
export function workFor(pair: Pair, exact: boolean): number {
  const [before] = pair;
  return before !== null && verdictByStructure(pair, exact) === null ? extentOf(before) : 0;
}

/**
 * Compares two files tensor by tensor, in the order in which the bytes lie in the earlier one.
 * @param progress told the bytes of each part that is done
 * @returns a verdict for each pair, and what is wrong with the checksums
 */
export function comparePairs(
  pairs: readonly Pair[],
  contents: Contents,
  exact: boolean,
  progress: (bytes: number) => void,
): { readonly verdicts: readonly PairVerdict[]; readonly warnings: readonly CheckpointWarning[] } {
  const warnings: CheckpointWarning[] = [];
  const verdicts = pairs.map((pair) => verdictByStructure(pair, exact));
  for (const index of inOrderOfPlace(pairs, verdicts)) {
    const [before, after] = pairs[index] ?? [null, null];
    if (before === null || after === null) continue;
    let done = 0;
    const verdict = valuesOf(before, after, contents, (bytes) => {
      done += bytes;
      progress(bytes);
    });
    progress(extentOf(before) - done);
    verdicts[index] = verdict;
    if (verdict.kind === 'equal' && checksumsDiffer(before, after)) {
      warnings.push({
        text: `The checksum of ${after.name} is not that of the earlier file although every byte is equal: one of the two is wrong.`,
        advice: 'The bytes count; save the files anew to mend it.',
        offset: after.storage.place?.offset ?? null,
      });
    }
  }
  return { verdicts: verdicts.map((each) => each ?? { kind: 'absent' }), warnings };
}

function valuesOf(
  before: StoredTensor,
  after: StoredTensor,
  contents: Contents,
  progress: (bytes: number) => void,
): PairVerdict {
  try {
    return contents.compare(before, after, progress);
  } catch (error) {
    return unreadable(error);
  }
}

/** @throws what is no fault of a file */
function unreadable(error: unknown): PairVerdict {
  if (error instanceof CheckpointError) return { kind: 'unreadable', reason: error.message };
  throw error;
}

/** Whether checksums over the same bytes say that they are not the same. */
function checksumsDiffer(before: StoredTensor, after: StoredTensor): boolean {
  const [a, b] = [before.storage, after.storage];
  const whole = extentOf(before) === a.bytes && a.bytes === b.bytes && laidOutAlike(before, after);
  return whole && a.crc32 !== null && b.crc32 !== null && a.crc32 !== b.crc32;
}

/**
 * The pairs without a verdict, sorted by file and offset. Of the others no place is asked for: an
 * archive has to be read to tell it.
 */
function inOrderOfPlace(
  pairs: readonly Pair[],
  verdicts: readonly (PairVerdict | null)[],
): readonly number[] {
  const files = new Map<ByteSource | null, number>();
  const places = pairs.flatMap(([before], index) => {
    if (before === null || verdicts[index] !== null) return [];
    const { source, offset } = before.storage.place ?? { source: null, offset: 0 };
    let file = files.get(source);
    if (file === undefined) files.set(source, (file = files.size));
    return { index, file, offset: offset + before.offset };
  });
  return places.sort((a, b) => a.file - b.file || a.offset - b.offset).map(({ index }) => index);
}
