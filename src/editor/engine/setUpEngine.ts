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

/** "Set Up GPU Engine": what the training can run on is picked, installed and put to use. */
export class SetUpEngine {
  #running = false;

  constructor(
    private readonly project: Project,
    private readonly setWord: SetWord,
    private readonly log: Log,
    private readonly cli: string,
  ) {}

  /** One at a time. Tells what stands against it; never throws. */
  async run(): Promise<void> {
    const { current } = this.project.folder;
    if (this.#running || !(await mayRun(current)) || current === undefined) return;
    this.#running = true;
    try {
      await this.#setUp(new EngineCli(this.cli, current.uri.fsPath), current);
    } catch (error) {
      this.log.error(error, 'The engine was not set up');
    } finally {
      this.#running = false;
    }
  }

  async #setUp(cli: EngineCli, folder: vscode.WorkspaceFolder): Promise<void> {
    const picked = await pickEngine(await cli.status());
    if (picked === undefined) return;
    if (picked.state === 'installed') {
      await this.#offerUse(picked.kind, `${picked.library} is installed.`);
      return;
    }
    const end = await installEngine(cli, await installArguments(picked.kind, folder), this.log);
    if (end !== undefined) await this.#offerUse(picked.kind, end);
  }

  /** The script decides what it runs on, unless the config does. */
  async #offerUse(kind: EngineKind, text: string): Promise<void> {
    const word = ENGINE_WORDS[kind];
    if (this.project.config.state.parsed?.config?.engine === word) {
      void vscode.window.showInformationMessage(`${text} permafrost.json asks for it.`);
      return;
    }
    const use = 'Use It in permafrost.json';
    const answer = await vscode.window.showInformationMessage(text, use);
    if (answer === use) await this.setWord('engine', word);
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
