import * as vscode from 'vscode';
import { sentence } from '../../runs/words/sentence';
import type { Log } from '../log';
import type { EngineCli, InstallLine } from './engineCli';
import { doneText, planQuestion, progressText, shareOf, type InstallPlan } from './engineTexts';

/**
 * Installs an engine by the CLI after the user has agreed to what it loads and needs. Tells what
 * went wrong.
 * @param args what to install and where
 * @returns what was installed, as a sentence; undefined when nothing was
 */
export async function installEngine(
  cli: EngineCli,
  args: readonly string[],
  log: Log,
): Promise<string | undefined> {
  const plan = await withSetUp((progress, token) => readPlan(cli, args, log, progress, token));
  if (plan === undefined || !(await agrees(plan))) return undefined;
  return withSetUp((progress, token) => install(cli, args, plan, log, progress, token));
}

type Progress = vscode.Progress<{ message?: string; increment?: number }>;

function withSetUp<T>(
  task: (progress: Progress, token: vscode.CancellationToken) => Promise<T>,
): Thenable<T> {
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress(
    { location, title: 'Setting up the engine', cancellable: true },
    task,
  );
}

/** What the installation would load and need; this may have to ask the registries. */
async function readPlan(
  cli: EngineCli,
  args: readonly string[],
  log: Log,
  progress: Progress,
  token: vscode.CancellationToken,
): Promise<InstallPlan | undefined> {
  const lines: InstallLine[] = [];
  const { errors } = await cli.install(
    [...args, '--plan'],
    (line) => {
      lines.push(line);
      if (line.type === 'progress') progress.report({ message: progressText(line) });
    },
    signalOf(token),
  );
  const plan = lines.find((line) => line.type === 'plan');
  if (plan === undefined && !token.isCancellationRequested) tellFailure(lines, errors, log);
  return token.isCancellationRequested ? undefined : plan;
}

function signalOf(token: vscode.CancellationToken): AbortSignal {
  const abort = new AbortController();
  token.onCancellationRequested(() => {
    abort.abort();
  });
  return abort.signal;
}

async function agrees(plan: InstallPlan): Promise<boolean> {
  const { text, detail } = planQuestion(plan);
  const install = 'Install';
  return (
    (await vscode.window.showInformationMessage(text, { modal: true, detail }, install)) === install
  );
}

async function install(
  cli: EngineCli,
  args: readonly string[],
  plan: InstallPlan,
  log: Log,
  progress: Progress,
  token: vscode.CancellationToken,
): Promise<string | undefined> {
  const lines: InstallLine[] = [];
  let shown = 0;
  const { errors } = await cli.install(
    args,
    (line) => {
      if (line.type === 'progress') {
        const share = 100 * shareOf(plan, line);
        progress.report({ message: progressText(line), increment: Math.max(0, share - shown) });
        shown = Math.max(shown, share);
      } else lines.push(line);
    },
    signalOf(token),
  );
  const done = lines.find((line) => line.type === 'done');
  if (done !== undefined) {
    log.info(`${doneText(done)} It is in ${done.folder}.`);
    return doneText(done);
  }
  if (token.isCancellationRequested) {
    const text = 'The engine was not set up. What was downloaded is kept for the next try.';
    void vscode.window.showInformationMessage(text);
  } else tellFailure(lines, errors, log);
  return undefined;
}

function tellFailure(lines: readonly InstallLine[], errors: string, log: Log): void {
  const failure = lines.find((line) => line.type === 'error');
  log.info(
    `permafrost engine printed:\n${[...lines.map((line) => JSON.stringify(line)), errors].join('\n')}`,
  );
  const text =
    failure === undefined
      ? 'The engine was not set up. The log shows all that was printed.'
      : `The engine was not set up. ${sentence(failure.text)} ${failure.advice}`.trim();
  void log.tell(vscode.window.showErrorMessage, text);
}
