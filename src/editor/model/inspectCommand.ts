import * as vscode from 'vscode';
import type { Log } from '../log';
import type { Project } from '../project';
import type { ConfigReadiness } from '../task/configReadiness';
import { mayRun } from '../trust';
import { inspectModel } from './inspectModel';

/** "Inspect Model": one at a time. */
export class InspectCommand {
  #running = false;

  constructor(
    private readonly project: Project,
    private readonly readiness: ConfigReadiness,
    private readonly log: Log,
    private readonly cli: string,
  ) {}

  /** Runs the config's command until its models are known. Tells what went wrong; never throws. */
  async run(): Promise<void> {
    if (this.#running || !(await mayRun(this.project.folder.current))) return;
    this.#running = true;
    try {
      await this.#inspect();
    } catch (error) {
      this.log.error(error, 'The model was not inspected');
    } finally {
      this.#running = false;
    }
  }

  async #inspect(): Promise<void> {
    const { config, folder, source } = this.project;
    const command = await this.readiness.command();
    const { uri } = config.state;
    if (command === undefined || folder.current === undefined || uri === undefined) return;
    if (!(await config.save())) throw new Error('permafrost.json could not be saved.');
    const result = await inspectModel(
      {
        folder: folder.current.uri.fsPath,
        command,
        configFile: uri.fsPath,
        cli: this.cli,
      },
      this.log,
    );
    switch (result.kind) {
      case 'inspected':
        await source.start();
        break;
      case 'failed':
        void this.log.tell(vscode.window.showErrorMessage, result.text);
        break;
      case 'cancelled':
        break;
    }
  }
}
