import type { PermafrostState } from './api';
import type { Project } from './project';
import type { RunMonitor } from './runs/runMonitor';
import type { StatusBar } from './runs/statusBar';
import type { ParameterTree } from './tree/parameterTree';

/** Collects what the API tells. */
export function apiState(
  project: Project,
  tree: ParameterTree,
  monitor: RunMonitor,
  status: StatusBar,
): PermafrostState {
  const { models, plans, ruleProblems } = project.state;
  const { text, parsed } = project.config.state;
  return {
    folder: project.folder.current?.uri.fsPath ?? null,
    configText: text,
    problems: [...(parsed?.problems ?? []), ...ruleProblems],
    tensors: models.reduce((sum, { tensors }) => sum + tensors.length, 0),
    frozen: Object.fromEntries(plans.map(({ model, spans }) => [model, [...spans.keys()]])),
    filter: tree.filter,
    status: status.text ?? null,
    runs: monitor.ids,
    liveRuns: monitor.live,
  };
}
