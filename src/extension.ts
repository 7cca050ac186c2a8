import * as vscode from 'vscode';
import { ActiveFolder } from './editor/activeFolder';
import type { PermafrostApi } from './editor/api';
import { apiState } from './editor/apiState';
import { checkpointCommands } from './editor/commands/checkpointCommands';
import { projectCommands } from './editor/commands/projectCommands';
import { registerCommands } from './editor/commands/registerCommands';
import { runCommands } from './editor/commands/runCommands';
import { treeCommands } from './editor/commands/treeCommands';
import { ConfigDocument } from './editor/config/configDocument';
import { configLanguage } from './editor/config/configLanguage';
import { NextRunNotice } from './editor/config/nextRunNotice';
import { wordSetter } from './editor/config/setWord';
import { Checkpoints, listCheckpoint } from './editor/checkpoint/checkpoints';
import { TASK_TYPE } from './editor/contributions';
import { EngineNotice } from './editor/engine/engineNotice';
import { SetUpEngine } from './editor/engine/setUpEngine';
import { FreezeActions } from './editor/freezeActions';
import { Log } from './editor/log';
import { InspectCommand } from './editor/model/inspectCommand';
import { ModelSource } from './editor/model/modelSource';
import { checkpointOpener } from './editor/model/openCheckpoint';
import { Project } from './editor/project';
import { ReportPanels } from './editor/report/reportPanels';
import { Advice } from './editor/runs/advice';
import { EndNotice } from './editor/runs/endNotice';
import { reportActions } from './editor/runs/reportActions';
import { RunContext } from './editor/runs/runContext';
import { RunMonitor } from './editor/runs/runMonitor';
import { RunsView } from './editor/runs/runsView';
import { StatusBar } from './editor/runs/statusBar';
import { ConfigReadiness } from './editor/task/configReadiness';
import { RunTraining } from './editor/task/runTraining';
import { TrainingTaskProvider } from './editor/task/taskProvider';
import { cliPath } from './editor/task/trainingTask';
import { ParameterTree } from './editor/tree/parameterTree';
import { ParameterView } from './editor/tree/parameterView';
import { configSnapshot } from './runs/paths';

/** Composes the extension. Files are read after it returns. */
export function activate(context: vscode.ExtensionContext): PermafrostApi {
  const begin = process.hrtime.bigint();
  const own = <T extends vscode.Disposable>(part: T): T => {
    context.subscriptions.push(part);
    return part;
  };
  const { extensionUri } = context;
  const cli = cliPath(extensionUri);

  const log = own(new Log());
  const folder = own(new ActiveFolder(context.workspaceState));
  const config = own(new ConfigDocument(folder));
  const source = own(
    new ModelSource(folder, config, context.workspaceState, (file) =>
      listCheckpoint(file, extensionUri),
    ),
  );
  const project = own(new Project(folder, config, source));
  const monitor = own(new RunMonitor(folder));
  const actions = new FreezeActions(project, log);
  const tree = own(new ParameterTree(project, vscode.Uri.joinPath(extensionUri, 'media')));
  const view = own(new ParameterView(project, tree, actions));
  own(new RunsView(monitor));
  const status = own(new StatusBar(monitor));
  own(new RunContext(monitor, status, view));
  const advice = new Advice(project, actions);
  own(new EndNotice(monitor, advice));
  own(new EngineNotice(monitor));
  own(new NextRunNotice(config, monitor));
  own(configLanguage(project));
  own(vscode.tasks.registerTaskProvider(TASK_TYPE, new TrainingTaskProvider(cli)));
  const setWord = wordSetter(project, actions);
  const reporting = reportActions(project, monitor, advice, setWord);
  const reports = own(new ReportPanels(extensionUri, monitor, reporting));
  const openCheckpoint = checkpointOpener(project, actions, log);
  const checkpoints = own(
    new Checkpoints({
      ...{ extensionUri, project, log, openInTree: openCheckpoint },
      openConfigAtRule: (run, rule) => reporting.openConfigAtRule(run, rule),
      configOfRun: (id) => {
        const directory = monitor.directory(id);
        return directory === undefined ? undefined : configSnapshot(directory);
      },
    }),
  );
  const readiness = new ConfigReadiness(project);
  const training = new RunTraining(project, readiness, monitor, log, cli);
  const inspect = new InspectCommand(project, readiness, log, cli);
  const engine = new SetUpEngine(project, setWord, log, cli);
  own(
    registerCommands({
      ...treeCommands(project, tree, view, actions),
      ...runCommands(monitor, training, reports, log),
      ...checkpointCommands(project, monitor, checkpoints, openCheckpoint),
      ...projectCommands(folder, project, monitor, actions, inspect, engine, log),
    }),
  );
  void Promise.all([folder.settle(), project.start(), monitor.start()]).catch((error: unknown) => {
    log.error(error, 'The folder could not be read');
  });
  return {
    activationMilliseconds: Number(process.hrtime.bigint() - begin) / 1e6,
    state: () => apiState(project, tree, monitor, status),
  };
}
