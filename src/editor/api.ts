import type { ConfigProblem } from '../freeze/config';
import type { RunState } from '../runs/state';

/** What `activate` returns: read by the tests in a real VS Code, and stable for nobody else. */
export interface PermafrostApi {
  /** How long `activate` took. */
  readonly activationMilliseconds: number;
  /** What the extension knows now. */
  state(): PermafrostState;
}

export interface PermafrostState {
  /** Absolute path of the active folder; null when none is open. */
  readonly folder: string | null;
  /** Text of permafrost.json as the tree sees it; null when there is none. */
  readonly configText: string | null;
  readonly problems: readonly ConfigProblem[];
  /** Tensors of all models in the inspection. */
  readonly tensors: number;
  /** Names of the tensors that are frozen in some epoch, by model. */
  readonly frozen: Readonly<Record<string, readonly string[]>>;
  readonly filter: string;
  /** Text of the status bar item; null before any run. */
  readonly status: string | null;
  /** Ids of all runs, newest first. */
  readonly runs: readonly string[];
  readonly liveRuns: readonly RunState[];
}
