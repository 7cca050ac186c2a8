import { rm } from 'node:fs/promises';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { CommandHandlers } from '../contributions';
import type { Log } from '../log';
import type { ReportPanels } from '../report/reportPanels';
import type { RunMonitor } from '../runs/runMonitor';
import type { RunTraining } from '../task/runTraining';
import { stopRun } from '../task/stopTraining';
import { pickLiveRun, pickRun } from './pickRun';

type RunCommands = Pick<CommandHandlers, 'run' | 'stop' | 'showReport' | 'deleteRun'>;

const runId = z.string();

/** The commands on runs; a row of the runs view hands its id, a file itself, the palette nothing. */
export function runCommands(
  monitor: RunMonitor,
  training: RunTraining,
  reports: ReportPanels,
  log: Log,
): RunCommands {
  return {
    run: (script) => training.run(script instanceof vscode.Uri ? script : undefined),
    stop: async (id) => {
      const given = monitor.live.find((run) => run.id === id);
      const run = given ?? (await pickLiveRun('Stop Training', monitor));
      if (run === undefined) {
        void vscode.window.showInformationMessage('No training is running.');
        return;
      }
      await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Window, title: 'Stopping the training' },
        () => stopRun(monitor, run),
      );
    },
    showReport: async (id) => {
      const given = runId.safeParse(id);
      const picked = given.success ? given.data : await pickRun('Show Report', monitor);
      if (picked !== undefined) await reports.show(picked);
      else if (monitor.ids.length === 0) {
        void vscode.window.showInformationMessage('There are no runs yet. Run the training first.');
      }
    },
    deleteRun: async (id) => {
      const given = runId.safeParse(id);
      const picked = given.success ? given.data : await pickRun('Delete Run', monitor);
      const directory = picked === undefined ? undefined : monitor.directory(picked);
      if (picked === undefined || directory === undefined || !monitor.ids.includes(picked)) return;
      if (monitor.live.some((run) => run.id === picked)) {
        void vscode.window.showWarningMessage('This run is still going on. Stop it first.');
        return;
      }
      const answer = await vscode.window.showWarningMessage(
        `Delete the run ${picked}?`,
        { modal: true, detail: `${directory} is deleted. This cannot be undone.` },
        'Delete',
      );
      if (answer !== 'Delete') return;
      await rm(directory, { recursive: true, force: true });
      log.info(`deleted ${directory}`);
      await monitor.refresh();
    },
  };
}
