import { readdirSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { checkpointInFolder, checkpointNames } from '../../model/checkpoint/fileNames';
import { UsageError } from '../usageError';

/**
 * The names of the checkpoints in a folder: files, and folders that hold one
 * (`checkpoint-500/model.safetensors`, `epoch3/model.json`).
 * @throws UsageError when it cannot be read
 */
export function checkpointsIn(folder: string): readonly string[] {
  const entries = entriesOf(folder);
  const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  const nested = folders.filter(({ name }) => {
    const inside = entriesOf(join(folder, name)).filter((entry) => !entry.isDirectory());
    return checkpointInFolder(inside.map((entry) => entry.name)) !== null;
  });
  return [...checkpointNames(files), ...nested.map(({ name }) => name)];
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`Cannot read the folder ${folder} (${String(code)}).`, 'Name the files.');
  }
}
