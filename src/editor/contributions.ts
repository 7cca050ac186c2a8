/**
 * Every id that package.json and the code must agree on. `test/unit/editor/contributions.test.ts`
 * ties the two together.
 */
export const COMMANDS = {
  inspectModel: 'permafrost.inspectModel',
  openModelFile: 'permafrost.openModelFile',
  openInPermafrost: 'permafrost.openInPermafrost',
  compareCheckpoints: 'permafrost.compareCheckpoints',
  compareRun: 'permafrost.compareRun',
  freezeByPattern: 'permafrost.freezeByPattern',
  trainOnly: 'permafrost.trainOnly',
  freezeBatchNorm: 'permafrost.freezeBatchNormStatistics',
  freezeEarlyBatchNorm: 'permafrost.freezeEarlyBatchNorm',
  thawAll: 'permafrost.thawAll',
  freezeSelected: 'permafrost.freezeSelected',
  thawSelected: 'permafrost.thawSelected',
  toggleSelected: 'permafrost.toggleSelected',
  filter: 'permafrost.filterParameters',
  clearFilter: 'permafrost.clearFilter',
  revealInTree: 'permafrost.revealInTree',
  copyName: 'permafrost.copyTensorName',
  run: 'permafrost.runTraining',
  stop: 'permafrost.stopTraining',
  showReport: 'permafrost.showReport',
  deleteRun: 'permafrost.deleteRun',
  openConfig: 'permafrost.openConfig',
  setUpEngine: 'permafrost.setUpEngine',
  selectFolder: 'permafrost.selectFolder',
  refresh: 'permafrost.refresh',
  showLog: 'permafrost.showLog',
} as const;

export type CommandName = keyof typeof COMMANDS;

/** One handler for each command; the compiler refuses a table that lacks one. */
export type CommandHandlers = Readonly<
  Record<CommandName, (...args: readonly unknown[]) => void | Promise<void>>
>;

export const VIEWS = { parameters: 'permafrost.parameters', runs: 'permafrost.runs' } as const;

/** View types of the editor for checkpoint files: which it opens by itself, and which on request. */
export const EDITORS = {
  checkpoint: 'permafrost.checkpoint',
  optional: 'permafrost.checkpoint.optional',
} as const;

/** View type of compared checkpoints: also in `activationEvents`. */
export const COMPARISON_VIEW_TYPE = 'permafrost.comparison';

export const CONTEXT_KEYS = {
  /** An inspection is shown in the tree. */
  hasModel: 'permafrost.hasModel',
  /** A filter is set. */
  filtered: 'permafrost.filtered',
  /** The active folder has a permafrost.json. */
  hasConfig: 'permafrost.hasConfig',
  /** A run of the active folder is live. */
  running: 'permafrost.running',
} as const;

export const TASK_TYPE = 'permafrost';
export const PROBLEM_MATCHER = '$permafrost';
export const STATUS_ITEM = 'permafrost.status';

/** `contextValue` of the rows, for `when` clauses of their menus. */
export const ROWS = {
  group: 'permafrost.group',
  tensor: 'permafrost.tensor',
  liveRun: 'permafrost.run.live',
  endedRun: 'permafrost.run.ended',
} as const;

export interface Settings {
  /** MiB of memory for kept references; what does not fit is fingerprinted. */
  readonly referenceMemory: number;
  /** Where engines are installed: for the user, or in the project. */
  readonly engineLocation: 'user' | 'workspace';
  readonly showReportOnRun: 'onStart' | 'onProblem' | 'never';
}
