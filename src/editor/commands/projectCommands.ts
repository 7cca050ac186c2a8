import * as vscode from 'vscode';
import type { ActiveFolder } from '../activeFolder';
import type { CommandHandlers } from '../contributions';
import type { SetUpEngine } from '../engine/setUpEngine';
import type { FreezeActions } from '../freezeActions';
import type { Log } from '../log';
import type { InspectCommand } from '../model/inspectCommand';
import type { Project } from '../project';
import type { RunMonitor } from '../runs/runMonitor';
import { openConfig } from './openConfig';

type ProjectCommands = Pick<
  CommandHandlers,
  | 'inspectModel'
  | 'openModelFile'
  | 'openConfig'
  | 'setUpEngine'
  | 'selectFolder'
  | 'refresh'
  | 'showLog'
>;

/** The commands on folder, model, engine and config. */
export function projectCommands(
  folder: ActiveFolder,
  project: Project,
  monitor: RunMonitor,
  actions: FreezeActions,
  inspect: InspectCommand,
  engine: SetUpEngine,
  log: Log,
): ProjectCommands {
  return {
    inspectModel: () => inspect.run(),
    openModelFile: async (target) => {
      const file = target instanceof vscode.Uri ? target : await pickModelFile(folder);
      if (file === undefined) return;
      const owner = vscode.workspace.getWorkspaceFolder(file);
      if (owner !== undefined) await folder.select(owner);
      await project.source.open(file);
      const { problem } = project.source.state;
      if (problem !== null) {
        void vscode.window.showErrorMessage(problem);
        await project.source.start();
      }
    },
    openConfig: async (at) => {
      try {
        await actions.ensureConfig();
        await openConfig(project.config, at);
      } catch (error) {
        log.error(error, 'permafrost.json cannot be opened');
      }
    },
    setUpEngine: () => engine.run(),
    selectFolder: () => folder.pick(),
    refresh: async () => {
      await Promise.all([project.config.refresh(), project.source.refresh(), monitor.refresh()]);
    },
    showLog: () => {
      log.show();
    },
  };
}

async function pickModelFile(folder: ActiveFolder): Promise<vscode.Uri | undefined> {
  const picked = await vscode.window.showOpenDialog({
    title: 'Open Model File',
    ...(folder.current === undefined ? {} : { defaultUri: folder.current.uri }),
    filters: { 'TensorFlow.js model': ['json'] },
  });
  return picked?.[0];
}
