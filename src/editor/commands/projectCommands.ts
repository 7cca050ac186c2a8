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
  'inspectModel' | 'openConfig' | 'setUpEngine' | 'selectFolder' | 'refresh' | 'showLog'
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
