import { sep } from 'node:path';
import * as vscode from 'vscode';
import type { EngineKind } from '../../engines/manifest';
import type { EngineStatus, MachineStatus } from '../../engines/status';
import type { SetWord } from '../config/setWord';
import type { Log } from '../log';
import type { Project } from '../project';
import { projectPython } from '../python/projectPython';
import { readSetting } from '../settings';
import { mayRun } from '../trust';
import { EngineCli } from './engineCli';
import { ENGINE_WORDS, engineRows } from './engineTexts';
import { installEngine } from './installEngine';

/** An engine that can be used. */
interface Ready {
  readonly kind: EngineKind;
  /** What is to be said of it, as a sentence. */
  readonly text: string;
  /** Whether it was there before. */
  readonly known: boolean;
}

type Step = (cli: EngineCli, folder: vscode.WorkspaceFolder) => Promise<Ready | undefined>;

/** "Set Up GPU Engine": what the training can run on is picked, installed and put to use. */
export class SetUpEngine {
  #running = false;

  constructor(
    private readonly project: Project,
    private readonly setWord: SetWord,
    private readonly log: Log,
    private readonly cli: string,
  ) {}

  /** Tells what stands against it; never throws. */
  async run(): Promise<void> {
    await this.#perform(async (cli, folder) => {
      const picked = await pickEngine(await cli.status());
      if (picked === undefined) return undefined;
      if (picked.state !== 'installed') return this.#install(cli, folder, picked.kind);
      return { kind: picked.kind, text: `${picked.library} is installed.`, known: true };
    });
  }

  /** One at a time; a notification that nobody answers holds nothing up. */
  async #perform(step: Step): Promise<void> {
    const { current } = this.project.folder;
    if (this.#running || !(await mayRun(current)) || current === undefined) return;
    this.#running = true;
    let ready: Ready | undefined;
    try {
      ready = await step(new EngineCli(this.cli, current.uri.fsPath), current);
    } catch (error) {
      this.log.error(error, 'The engine was not set up');
    } finally {
      this.#running = false;
    }
    if (ready !== undefined) await this.#offer(ready);
  }

  async #install(
    cli: EngineCli,
    folder: vscode.WorkspaceFolder,
    kind: EngineKind,
  ): Promise<Ready | undefined> {
    const text = await installEngine(cli, await installArguments(kind, folder), this.log);
    return text === undefined ? undefined : { kind, text, known: false };
  }

  /** The script decides what it runs on, unless the config does. */
  async #offer({ kind, text, known }: Ready): Promise<void> {
    const word = ENGINE_WORDS[kind];
    const isUsed = this.project.config.state.parsed?.config?.engine === word;
    const use = 'Use It in permafrost.json';
    const again = 'Install Again';
    const answer = await vscode.window.showInformationMessage(
      isUsed ? `${text} permafrost.json asks for it.` : text,
      ...(isUsed ? [] : [use]),
      ...(known ? [again] : []),
    );
    if (answer === use) await this.setWord('engine', word);
    if (answer === again) {
      await this.#perform((cli, folder) => this.#install(cli, folder, kind));
    }
  }
}

async function pickEngine(status: MachineStatus): Promise<EngineStatus | undefined> {
  const picked = await vscode.window.showQuickPick(engineRows(status), {
    title: 'Set Up GPU Engine',
    placeHolder: 'What should TensorFlow.js compute on?',
  });
  return status.engines.find(({ kind }) => kind === picked?.engine);
}

async function installArguments(
  kind: EngineKind,
  folder: vscode.WorkspaceFolder,
): Promise<readonly string[]> {
  const python = await projectPython(folder);
  // One of PATH the CLI finds itself.
  const isPath = python?.includes(sep) === true;
  return [
    kind,
    ...(readSetting('engineLocation') === 'workspace' ? ['--here'] : []),
    ...(isPath ? ['--python', python] : []),
  ];
}
