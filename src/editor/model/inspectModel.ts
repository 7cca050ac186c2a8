import { spawn } from 'node:child_process';
import * as vscode from 'vscode';
import { OutputTail } from '../../runs/launch/outputTail';
import { stopTree } from '../../runs/launch/processTree';
import { VIEWS } from '../contributions';
import type { Log } from '../log';
import { HOST, nodeProgram } from '../task/nodeProgram';
import { inspectionFailure } from './inspectionFailure';

/** How much of a failing command's output the log gets. */
const LOGGED_BYTES = 64 * 1024;

export interface InspectionRequest {
  readonly folder: string;
  /** The command of the config. */
  readonly command: string;
  readonly configFile: string;
  /** Absolute path of dist/cli.js. */
  readonly cli: string;
}

/** How an inspection ended. */
export type InspectionResult =
  | { readonly kind: 'inspected' }
  | { readonly kind: 'cancelled' }
  /** `text` says what is wrong and the way out. */
  | { readonly kind: 'failed'; readonly text: string };

/**
 * Runs the config's command by the CLI until its model is known. Nothing of what it prints is shown
 * unless it fails; then the log holds it.
 */
export async function inspectModel(
  request: InspectionRequest,
  log: Log,
): Promise<InspectionResult> {
  return vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: 'Inspecting the model',
      cancellable: true,
    },
    (progress, token) =>
      vscode.window.withProgress({ location: { viewId: VIEWS.parameters } }, () => {
        progress.report({ message: request.command });
        return run(request, log, token);
      }),
  );
}

async function run(
  { folder, command, configFile, cli }: InspectionRequest,
  log: Log,
  token: vscode.CancellationToken,
): Promise<InspectionResult> {
  const output = new OutputTail(LOGGED_BYTES);
  const { program, env } = nodeProgram(HOST, false);
  const child = spawn(program, [cli, 'inspect', '--config', configFile], {
    cwd: folder,
    env: { ...process.env, ...env, PERMAFROST_LAUNCHER: 'editor' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  output.follow(child.stderr);
  const cancelled = token.onCancellationRequested(() => {
    if (child.pid !== undefined) void stopTree(child.pid, { interruptMilliseconds: 1500 });
  });
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => {
      resolve(null);
    });
    child.once('close', resolve);
  });
  cancelled.dispose();
  if (token.isCancellationRequested) return { kind: 'cancelled' };
  if (code === 0) return { kind: 'inspected' };
  log.info(`${command} ended without a model; it printed:\n${output.text}`);
  return { kind: 'failed', text: inspectionFailure(output.text) };
}
