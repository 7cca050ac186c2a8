import type * as vscode from 'vscode';
import type { CheckpointListing } from '../../model/checkpoint/listing';
import { checkpointFile, shownPath } from './checkpointFile';
import { doJob } from './checkpointJob';

/**
 * Reads what is in a checkpoint, without its values and without running anything of it.
 * @throws CheckpointError with file and place; vscode.CancellationError
 */
export async function listCheckpoint(
  uri: vscode.Uri,
  extensionUri: vscode.Uri,
  token?: vscode.CancellationToken,
): Promise<CheckpointListing> {
  const file = await checkpointFile(uri);
  return doJob({ kind: 'list', file }, extensionUri, {
    title: `Reading ${shownPath(uri)}`,
    ...(token && { token }),
  });
}
