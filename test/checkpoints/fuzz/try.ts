import { listingOf } from '../../../src/model/checkpoint/listing';
import { MemorySource } from '../../../src/model/checkpoint/memorySource';
import type { SiblingFiles } from '../../../src/model/checkpoint/byteSource';
import type { Checkpoint } from '../../../src/model/checkpoint/checkpoint';
import { CheckpointError } from '../../../src/model/checkpoint/checkpointError';
import { openCheckpoint } from '../../../src/model/checkpoint/openCheckpoint';
import { checkSiblingName } from '../../../src/model/checkpoint/siblingName';
import { compareCheckpoints } from '../../../src/model/compare/compare';
import { comparisonVerdict } from '../../../src/model/compare/verdict';
import { touchBytes } from '../touchBytes';
import type { Seed } from './seeds';

/** What became of a file; a refusal that has a place says where. */
export type Outcome = 'listed' | 'refused at a place' | 'refused';

/**
 * Lists a checkpoint, reads bytes of its tensors and compares it with itself.
 * @throws what no reader may throw
 */
export function tryCheckpoint(seed: Seed): Outcome {
  const opened: Checkpoint[] = [];
  try {
    opened.push(open(seed), open(seed));
    const [checkpoint] = opened;
    if (checkpoint === undefined) throw new Error('it was not opened');
    JSON.stringify(listingOf(checkpoint, seed.main));
    const [refusal] = touchBytes(checkpoint);
    const comparison = compareCheckpoints(
      opened.map((each) => ({ path: seed.main, checkpoint: each })),
      { config: null, inspection: null, exact: true },
    );
    const { kind } = comparisonVerdict(comparison);
    if (kind !== 'equal' && kind !== 'not verified') {
      throw new Error(`compared with itself it is ${kind}`);
    }
    if (refusal === undefined) return 'listed';
    return refusal.offset === null ? 'refused' : 'refused at a place';
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    const known = [...seed.files.keys()].some((name) => error.file.includes(name));
    if (!known && !error.reason.includes('there is no such file')) {
      throw new Error(`the refusal names no file: ${error.message}`, { cause: error });
    }
    if (error.reason === '' || error.message.length > 2000) {
      throw new Error(`the refusal is no sentence: ${error.message.slice(0, 300)}`);
    }
    return error.offset === null ? 'refused' : 'refused at a place';
  } finally {
    for (const checkpoint of opened) checkpoint.close();
  }
}

function open({ main, files }: Seed): Checkpoint {
  const source = (name: string): MemorySource => {
    const bytes = files.get(name);
    if (bytes === undefined) throw new CheckpointError(name, null, 'there is no such file.');
    return new MemorySource(name, bytes);
  };
  const siblings: SiblingFiles = {
    open: (name) => {
      checkSiblingName(name, main);
      return source(name);
    },
  };
  return openCheckpoint(source(main), siblings);
}
