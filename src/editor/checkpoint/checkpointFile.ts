import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { CheckpointError } from '../../model/checkpoint/checkpointError';
import { leadsOut } from '../../model/checkpoint/siblingName';
import type { CheckpointFile } from '../../model/jobs/jobs';
import { formatBytes } from '../../runs/words/units';
import { modelPath } from '../config/modelPath';

/** Bytes of a file that is on no disk, with its shards: it has to be held in memory. */
const MOST_BYTES = 512 * 1024 * 1024;
/** Shards that are asked for. */
const MOST_SIBLINGS = 2_000;

/** What names the files beside it: an index of shards, or a TensorFlow.js model. */
const index = z.object({ weight_map: z.record(z.string(), z.string()) });
const model = z.object({
  weightsManifest: z.array(z.object({ paths: z.array(z.string()) })),
});

/** How messages and the config name a file: relative to its workspace folder where it has one. */
export function shownPath(uri: vscode.Uri): string {
  if (uri.scheme !== 'file') return vscode.workspace.asRelativePath(uri, false);
  const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath;
  return folder === undefined ? uri.fsPath : modelPath(folder, uri.fsPath);
}

/**
 * A file for a job: by its path where it is on a disk, else with its content.
 * @throws CheckpointError when it cannot be read, or is too large for memory
 */
export async function checkpointFile(uri: vscode.Uri): Promise<CheckpointFile> {
  const name = shownPath(uri);
  if (uri.scheme === 'file') return { name, path: uri.fsPath };
  const room = { left: MOST_BYTES };
  const bytes = await readWhole(uri, name, room);
  const siblings: Record<string, Uint8Array> = {};
  if (name.endsWith('.json')) {
    for (const sibling of siblingNames(bytes)) {
      const path = vscode.Uri.joinPath(uri, '..', sibling);
      siblings[sibling] = await readWhole(path, shownPath(path), room);
    }
  }
  return { name, bytes, siblings };
}

/** The files that a JSON file names beside it; none that lead out of its folder. */
function siblingNames(bytes: Uint8Array): readonly string[] {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // The reader says what is wrong, and where.
    return [];
  }
  const shards = index.safeParse(json);
  const weights = model.safeParse(json);
  const names = [
    ...(shards.success ? Object.values(shards.data.weight_map) : []),
    ...(weights.success ? weights.data.weightsManifest.flatMap(({ paths }) => paths) : []),
  ];
  return [...new Set(names)].filter((name) => !leadsOut(name)).slice(0, MOST_SIBLINGS);
}

async function readWhole(
  uri: vscode.Uri,
  name: string,
  room: { left: number },
): Promise<Uint8Array> {
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size <= room.left) {
      const bytes = await vscode.workspace.fs.readFile(uri);
      room.left -= bytes.length;
      return bytes;
    }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new CheckpointError(name, null, `it cannot be read: ${text}`);
  }
  throw new CheckpointError(
    name,
    null,
    `it is on no disk of this machine, and with the files beside it larger than the ${formatBytes(MOST_BYTES)} that Permafrost reads into memory. Copy it to a disk.`,
  );
}
