import * as vscode from 'vscode';
import { formatBytes, localTime } from '../../runs/words/units';
import { checkpointFiles } from '../config/checkpointFiles';

/** A checkpoint of the workspace that can be picked. */
export interface Candidate {
  readonly uri: vscode.Uri;
  /** As shown: relative to the folder. */
  readonly name: string;
  /** Milliseconds since 1970 of its last change. */
  readonly time: number;
  readonly bytes: number;
}

/** A heading with what stands under it, newest first. */
export interface CandidateGroup {
  readonly title: string;
  readonly candidates: readonly Candidate[];
}

interface FileItem extends vscode.QuickPickItem {
  readonly uri?: vscode.Uri;
}

const BROWSE = '$(folder-opened) Browse…';

/** The checkpoints below a folder, newest first. */
export async function candidatesIn(folder: vscode.WorkspaceFolder): Promise<readonly Candidate[]> {
  const names = await checkpointFiles(folder);
  const found = await Promise.all(
    names.map(async (name): Promise<Candidate[]> => {
      const uri = vscode.Uri.joinPath(folder.uri, name);
      try {
        const { mtime, size } = await vscode.workspace.fs.stat(uri);
        return [{ uri, name, time: mtime, bytes: size }];
      } catch {
        // It went meanwhile.
        return [];
      }
    }),
  );
  return found.flat().sort((a, b) => b.time - a.time);
}

/** Lets the user pick one of the candidates, or any file; undefined when none is picked. */
export async function pickCheckpoint(
  title: string,
  placeHolder: string,
  groups: readonly CandidateGroup[],
): Promise<vscode.Uri | undefined> {
  const items = groups
    .filter(({ candidates }) => candidates.length > 0)
    .flatMap(({ title: label, candidates }): FileItem[] => [
      { label, kind: vscode.QuickPickItemKind.Separator },
      ...candidates.map(fileItem),
    ]);
  if (items.length === 0) return browse(title);
  const picked = await vscode.window.showQuickPick<FileItem>([...items, { label: BROWSE }], {
    title,
    placeHolder,
    matchOnDescription: true,
  });
  return picked?.label === BROWSE ? browse(title) : picked?.uri;
}

function fileItem({ uri, name, time, bytes }: Candidate): FileItem {
  return { label: name, description: `${formatBytes(bytes)} · ${localTime(time)}`, uri };
}

async function browse(title: string): Promise<vscode.Uri | undefined> {
  const picked = await vscode.window.showOpenDialog({ title, filters: DIALOG_FILTERS });
  return picked?.[0];
}

/** For dialogs that ask for a checkpoint. */
export const DIALOG_FILTERS = {
  Checkpoints: [
    ...['safetensors', 'pt', 'pth', 'bin', 'ckpt', 'keras', 'h5', 'npz', 'pkl', 'json'],
  ],
  'All files': ['*'],
};
