import { CheckpointError, quoted } from './checkpointError';

/**
 * Whether a file that a checkpoint names does not lie beside it or below. Links in the name are
 * followed: download caches keep their shards behind them.
 */
export function leadsOut(name: string): boolean {
  const parts = name.split(/[\\/]/);
  return parts.some((part) => part === '..' || part === '') || /^[A-Za-z]:|\0/.test(name);
}

/**
 * Refuses a name that leads out of the folder.
 * @param owner the checkpoint that names the file
 * @throws CheckpointError
 */
export function checkSiblingName(name: string, owner: string): void {
  if (!leadsOut(name)) return;
  throw new CheckpointError(owner, null, `it names a file out of its folder: ${quoted(name)}.`);
}
