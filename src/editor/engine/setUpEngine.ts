import * as vscode from 'vscode';
import type { SetWord } from '../config/setWord';
import type { Log } from '../log';
import type { Project } from '../project';
import { readSetting } from '../settings';
import { mayRun } from '../trust';
import { EngineCli } from './engineCli';
import type { EngineKind, KindStatus } from './engineLines';
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
      await this.#setUp(new EngineCli(this.cli, current.uri.fsPath));
    } catch (error) {
      this.log.error(error, 'The engine was not set up');
    } finally {
      this.#running = false;
    }
  }

  async #setUp(cli: EngineCli): Promise<void> {
    const kinds = await readStatus(cli);
    const picked = await pickKind(kinds);
    if (picked === undefined) return;
    if (picked.installed !== null) {
      await this.#offerUse(picked.kind, `${picked.installed.library} is installed.`);
      return;
    }
    const here = readSetting('engineLocation') === 'workspace';
    const end = await installEngine(cli, picked.kind, here, this.log);
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

async function readStatus(cli: EngineCli): Promise<readonly KindStatus[]> {
  let kinds: readonly KindStatus[] | undefined;
  const { errors } = await cli.run(['status'], (line) => {
    if (line.type === 'status') ({ kinds } = line);
  });
  if (kinds === undefined) throw new Error(errors.trim() || 'The command line did not answer.');
  return kinds;
}

async function pickKind(kinds: readonly KindStatus[]): Promise<KindStatus | undefined> {
  const picked = await vscode.window.showQuickPick(engineRows(kinds), {
    title: 'Set Up GPU Engine',
    placeHolder: 'What should TensorFlow.js compute on?',
  });
  return kinds.find(({ kind }) => kind === picked?.engine);
}
