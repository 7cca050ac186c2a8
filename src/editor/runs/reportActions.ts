import { isAbsolute, resolve } from 'node:path';
import * as vscode from 'vscode';
import type { SetWord } from '../config/setWord';
import { COMMANDS } from '../contributions';
import type { Project } from '../project';
import type { ReportActions } from '../report/reportDeps';
import type { Advice } from './advice';
import type { RunMonitor } from './runMonitor';

/** What the report asks of the rest of the extension. */
export function reportActions(
  project: Project,
  monitor: RunMonitor,
  advice: Advice,
  setWord: SetWord,
): ReportActions {
  return {
    revealTensor: async (runId, model, name) => {
      // The run numbers models of one name; the tree shows what the script calls them.
      const event = modelOf(monitor, runId, model);
      await vscode.commands.executeCommand(COMMANDS.revealInTree, { model: event ?? model, name });
    },
    openConfigAtRule: async (_runId, rule) => {
      const rules = project.config.state.parsed?.config?.rules ?? [];
      const place = rule === null ? undefined : rules[rule]?.place;
      await vscode.commands.executeCommand(COMMANDS.openConfig, place);
    },
    applyRules: (rules) => advice.apply(rules),
    useCache: () => setWord('cache', 'auto'),
    setUpEngine: () => vscode.commands.executeCommand(COMMANDS.setUpEngine),
    openSource: async (runId, file, line) => {
      const cwd = monitor.runState(runId)?.cwd ?? '';
      const uri = vscode.Uri.file(isAbsolute(file) ? file : resolve(cwd, file));
      const at = new vscode.Position(Math.max(0, (line ?? 1) - 1), 0);
      await vscode.window.showTextDocument(uri, { selection: new vscode.Range(at, at) });
    },
    openRunFolder: async (runId) => {
      const directory = monitor.directory(runId);
      if (directory === undefined) return;
      await vscode.commands.executeCommand('revealInExplorer', vscode.Uri.file(directory));
    },
  };
}

function modelOf(monitor: RunMonitor, runId: string, model: string): string | undefined {
  return monitor.runState(runId)?.models.find(({ name }) => name === model)?.eventName;
}
