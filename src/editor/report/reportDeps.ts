import type * as vscode from 'vscode';
import type { ConfigRule } from '../../runs/events';
import type { RunState } from '../../runs/state';

/** Where the report gets the state of runs from. */
export interface ReportRuns {
  /** The state as known now; undefined when the run has not been read or does not exist. */
  runState(id: string): RunState | undefined;
  /** Reads a run that is not known yet (after a window reload) and follows it; undefined when there is none. */
  open(id: string): Promise<RunState | undefined>;
  /** Fires the id of a run whose state changed; may fire often, the report limits itself to ten updates a second. */
  readonly onDidChange: vscode.Event<string>;
}

/** What the report asks the rest of the extension to do. */
export interface ReportActions {
  /** Selects a tensor in the parameter tree; both names as in the run state. */
  revealTensor(runId: string, model: string, tensor: string): void | PromiseLike<void>;
  /** Opens the config with the caret at a rule (index in `freeze`), or at its start. */
  openConfigAtRule(runId: string, rule: number | null): void | PromiseLike<void>;
  /** Appends the rules of an advice to the config, and tells what was added. */
  applyRules(rules: readonly ConfigRule[]): void | PromiseLike<void>;
  /** Sets `"cache": "auto"` in the config, and tells that it did. */
  useCache(): void | PromiseLike<void>;
  /** Asks which engine to install, and installs it. */
  setUpEngine(): void | PromiseLike<void>;
  /** Opens a source file of the script; `line` counted from 1, `file` relative to the run's `cwd` or absolute. */
  openSource(runId: string, file: string, line: number | undefined): void | PromiseLike<void>;
  /** Shows the folder of the run's events. */
  openRunFolder(runId: string): void | PromiseLike<void>;
}
