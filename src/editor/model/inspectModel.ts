import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import * as vscode from 'vscode';
import { prepareRun } from '../../runs/launch/launch';
import { OutputTail } from '../../runs/launch/outputTail';
import { signalTree } from '../../runs/launch/processTree';
import { VIEWS } from '../contributions';
import type { Log } from '../log';
import { inspectionFailure } from './inspectionFailure';
import { inspectedAt } from './modelSource';

/** How much of a failing command's output the log gets. */
const LOGGED_BYTES = 64 * 1024;

export interface InspectionRequest {
  readonly folder: string;
  readonly command: string;
  readonly configFile: string;
  readonly configText: string;
  /** Folder with the hook. */
  readonly dist: string;
  readonly version: string;
}

/** How an inspection ended. */
export type InspectionResult =
  | { readonly kind: 'inspected' }
  | { readonly kind: 'cancelled' }
  /** `text` says what is wrong and the way out. */
  | { readonly kind: 'failed'; readonly text: string };

/**
 * Runs the command under the hook until its model is known. Nothing of what it prints is shown
 * unless it fails; then the log holds it.
 * @throws LaunchError when the folder cannot be written
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
  request: InspectionRequest,
  log: Log,
  token: vscode.CancellationToken,
): Promise<InspectionResult> {
  const { folder, command } = request;
  const before = await inspectedAt(folder);
  const { env, directory } = await prepareRun({
    ...request,
    launcher: 'editor',
    mode: 'inspect',
    pid: process.pid,
    baseEnv: process.env,
  });
  const output = new OutputTail(LOGGED_BYTES);
  const child = spawn(command, {
    cwd: folder,
    env: { ...process.env, ...env },
    shell: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  output.follow(child.stdout, child.stderr);
  const cancelled = token.onCancellationRequested(() => {
    if (child.pid !== undefined) void signalTree([child.pid], 'SIGKILL');
  });
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => {
      resolve(null);
    });
    child.once('close', resolve);
  });
  cancelled.dispose();
  await rm(directory, { recursive: true, force: true });
  if (token.isCancellationRequested) return { kind: 'cancelled' };
  if ((await inspectedAt(folder)) > before) return { kind: 'inspected' };
  log.info(`${command} ended with exit code ${String(code)}; it printed:\n${output.text}`);
  return { kind: 'failed', text: inspectionFailure(command, code) };
}
