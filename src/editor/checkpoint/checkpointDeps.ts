import type * as vscode from 'vscode';
import type { Log } from '../log';
import type { OpenCheckpoint } from '../model/openCheckpoint';
import type { Project } from '../project';
import type { ReportActions } from '../report/reportDeps';

/** What the checkpoint editor and the comparison need of the rest of the extension. */
export interface CheckpointDeps {
  readonly extensionUri: vscode.Uri;
  readonly project: Project;
  readonly log: Log;
  /** Shows the tensors of a checkpoint in the parameter tree, and remembers it in the config. */
  readonly openInTree: OpenCheckpoint;
  readonly openConfigAtRule: ReportActions['openConfigAtRule'];
  /** Absolute path of the copy of the config that a run began with. */
  readonly configOfRun: (id: string) => string | undefined;
}
