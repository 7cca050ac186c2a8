import type { CheckpointReader } from './checkpoint';
import { CheckpointError } from './checkpointError';
import { isKerasArchive, readKerasArchive } from './keras/readKerasArchive';
import { isNpz, readNpz } from './npz/readNpz';
import { isZip, readZip } from './zip/zip';

/** Zip archives other than PyTorch's, which is asked before. */
export const archiveReader: CheckpointReader = {
  matches: isZip,
  read(source) {
    const archive = readZip(source);
    if (isKerasArchive(archive)) return readKerasArchive(source, archive);
    if (isNpz(archive)) return readNpz(source, archive);
    const reason =
      'this archive is none that PyTorch, Keras 3 or NumPy wrote. If it holds a checkpoint, unpack it and open that.';
    throw new CheckpointError(source.name, 0, reason);
  },
};
