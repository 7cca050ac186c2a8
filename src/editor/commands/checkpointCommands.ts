import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { pickFile, type Checkpoints } from '../checkpoint/checkpoints';
import type { CommandHandlers } from '../contributions';
import type { OpenCheckpoint } from '../model/openCheckpoint';
import type { Project } from '../project';
import type { RunMonitor } from '../runs/runMonitor';
import { pickRun } from './pickRun';

type CheckpointCommands = Pick<
  CommandHandlers,
  'openModelFile' | 'openInPermafrost' | 'compareCheckpoints' | 'compareRun'
>;

const runId = z.string();

/** The commands on checkpoint files; the explorer hands file and selection, the palette nothing. */
export function checkpointCommands(
  project: Project,
  monitor: RunMonitor,
  checkpoints: Checkpoints,
  open: OpenCheckpoint,
): CheckpointCommands {
  const openOne = async (target: unknown): Promise<void> => {
    const file = target instanceof vscode.Uri ? target : await pickFile(project.folder.current);
    if (file !== undefined) await open(file);
  };
  return {
    openModelFile: openOne,
    openInPermafrost: openOne,
    compareCheckpoints: (target, selected) => checkpoints.compare(filesOf(target, selected)),
    compareRun: async (id) => {
      const given = runId.safeParse(id);
      const picked = given.success ? given.data : await pickRun('Compare Start and End', monitor);
      const run = picked === undefined ? undefined : await monitor.peek(picked);
      if (run !== undefined) await checkpoints.compareRun(run);
      else if (monitor.ids.length === 0) {
        void vscode.window.showInformationMessage('There are no runs yet. Run the training first.');
      }
    },
  };
}

/** The selection when the clicked file is one of it; from the palette, the file in the open editor. */
function filesOf(target: unknown, selected: unknown): readonly vscode.Uri[] {
  if (Array.isArray(selected) && selected.length > 1) {
    return selected.filter((each) => each instanceof vscode.Uri);
  }
  if (target instanceof vscode.Uri) return [target];
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const isCheckpoint =
    input instanceof vscode.TabInputCustom && input.viewType.startsWith('permafrost.checkpoint');
  return isCheckpoint ? [input.uri] : [];
}
