import { readFile, rm } from 'node:fs/promises';
import { engineHomes } from '../engines/homes';
import type { Inspection } from '../model/inspection';
import { prepareRun, type PreparedRun } from '../runs/launch/launch';
import { OutputTail } from '../runs/launch/outputTail';
import { inspectionFile } from '../runs/paths';
import { initialState, reduceLine } from '../runs/reduce/reduce';
import { readInspection } from '../runs/store';
import { parseArguments, splitCommand } from './arguments';
import { exitCodeOf, startCommand, startFailure, type Ending } from './child';
import { commandOf } from './commandOf';
import { hookNotLoaded } from './hookNotLoaded';
import { inspectionText } from './inspectionText';
import { Interrupts } from './interrupts';
import { messageLine, note, print } from './output';
import { openProject, shown, type Project } from './project';
import type { Subcommand } from './subcommand';
import { distDirectory, VERSION } from './version';

/** How much of a failing command's output is shown. */
const SHOWN_BYTES = 1 << 20;

const OPTIONS = {
  config: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export const inspectSubcommand: Subcommand = {
  name: 'inspect',
  takesCommand: true,
  summary: 'print the named tensors of the models that a command builds',
  help: `Usage: permafrost inspect [--config FILE] [--json] [--] [COMMAND...]

Runs COMMAND (or the config's "command") until its models are built, ends it before it
trains, and prints their named tensors with what the rules freeze. Keeps them in
.permafrost/model.json, which the editor reads. The command's own output is shown only
when it fails.

  --config FILE  the config; permafrost.json in this folder when not given
  --json         print the inspection as JSON

Exit code: 0; the command's own when it fails; 1 when no model was seen.
`,
  run,
};

async function run(args: readonly string[]): Promise<number> {
  const { own, command: words } = splitCommand(args, OPTIONS);
  const { config: option, json = false } = parseArguments('inspect', own, OPTIONS, 0).values;
  const project = await openProject(option);
  const { command, cwd } = commandOf(project, words, 'inspect');
  const prepared = await prepare(project, command.text, cwd);
  const startedAt = Date.now();
  const { child, ended } = startCommand(command, cwd, { ...process.env, ...prepared.env }, [
    'inherit',
    'pipe',
    'pipe',
  ]);
  const output = new OutputTail(SHOWN_BYTES);
  output.follow(child.stdout, child.stderr);
  const interrupts = new Interrupts(child.pid);
  const ending = await ended;
  await interrupts.finish();
  const reasons = await reasonsIn(prepared, command.text, ending);
  await rm(prepared.directory, { recursive: true, force: true });
  if (interrupts.received !== null) return exitCodeOf({ ...ending, signal: interrupts.received });
  const code = exitCodeOf(ending);
  if (code !== 0) {
    process.stderr.write(output.text);
    note(
      startFailure(command, ending) ?? `error: ${command.text} failed (exit code ${String(code)})`,
    );
    reasons.forEach(note);
    return code;
  }
  const inspection = await readInspection(inspectionFile(project.folder));
  if (inspection === null || inspection.time < startedAt) {
    process.stderr.write(output.text);
    note(
      'error: no model was seen. The command ended without training a model of PyTorch or ' +
        'TensorFlow.js; name the script that trains.',
    );
    reasons.forEach(note);
    return 1;
  }
  tell(inspection, project, json);
  return 0;
}

/** What the events tell of why no model came. */
async function reasonsIn(
  { events }: PreparedRun,
  command: string,
  ending: Ending,
): Promise<readonly string[]> {
  const text = await readFile(events, 'utf8').catch(() => '');
  const state = text.split('\n').reduce(reduceLine, initialState(''));
  const told = state.messages.filter(({ level }) => level !== 'info');
  const why = ending.failure === null ? hookNotLoaded(command, state, ending.code) : null;
  return [...told, ...(why === null ? [] : [{ level: 'warning', ...why } as const])].map(
    messageLine,
  );
}

function prepare(project: Project, command: string, cwd: string): Promise<PreparedRun> {
  return prepareRun({
    folder: project.folder,
    command,
    cwd,
    configFile: project.configFile,
    configText: project.config?.text ?? '{}',
    launcher: 'cli',
    mode: 'inspect',
    engines: { homes: engineHomes(project.folder), measured: null },
    pid: process.pid,
    baseEnv: process.env,
    dist: distDirectory(),
    version: VERSION,
  });
}

function tell(inspection: Inspection, project: Project, json: boolean): void {
  if (json) {
    print(JSON.stringify(inspection, null, 2));
    return;
  }
  print(inspectionText(inspection, project.config?.value ?? null));
  note(`written to ${shown(inspectionFile(project.folder))}`);
}
