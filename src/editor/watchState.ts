import { posix } from 'node:path';
import * as vscode from 'vscode';

/**
 * Tells of files that come, go or change below the folder that Permafrost writes to.
 *
 * One watcher does not do (seen in 1.139.1): on a folder that is not there yet it sees nothing for
 * seconds; one of the whole workspace sees the folder come, but not what was written into it at
 * once, and obeys `files.watcherExclude`.
 * @param directory of what is watched, relative to `folder`: `.permafrost` or below, with `/`
 * @param pattern of names in it
 */
export function watchState(
  folder: vscode.WorkspaceFolder,
  directory: string,
  pattern: string,
  onChange: () => void,
): vscode.Disposable {
  const flat = vscode.Uri.joinPath(folder.uri, directory);
  const patterns = [
    new vscode.RelativePattern(folder, '.permafrost'),
    new vscode.RelativePattern(folder, posix.join(directory, pattern)),
    new vscode.RelativePattern(flat, pattern),
  ];
  const watchers = patterns.map((each) => {
    const watcher = vscode.workspace.createFileSystemWatcher(each);
    watcher.onDidCreate(onChange);
    watcher.onDidChange(onChange);
    watcher.onDidDelete(onChange);
    return watcher;
  });
  return vscode.Disposable.from(...watchers);
}
