import { newConfigText } from '../freeze/edit';
import { appendEvent } from '../runs/eventWriter';
import { prepareRun, type PreparedRun } from '../runs/launch/launch';
import type { RunState } from '../runs/state';
import { counted, verdictSentence } from '../runs/words/words';
import { parseArguments, splitCommand } from './arguments';
import { exitCodeOf, startCommand, startFailure, type Ending } from './child';
import { commandOf } from './commandOf';
import { enginesFor } from './enginesFor';
import { Follower } from './follower';
import { hookNotLoaded } from './hookNotLoaded';
import { Interrupts } from './interrupts';
import { note } from './output';
import { openProject, shown, warnByInspection } from './project';
import type { Subcommand } from './subcommand';
import { distDirectory, VERSION } from './version';

const OPTIONS = {
  config: { type: 'string' },
  quiet: { type: 'boolean' },
} as const;

/** Exit code when a frozen tensor moved, whatever the command's own is. */
const MOVED = 3;

export const runSubcommand: Subcommand = {
  name: 'run',
  takesCommand: true,
  summary: 'run a training command with the rules of permafrost.json and verify every epoch',
  help: `Usage: permafrost run [--config FILE] [--quiet] [--] [COMMAND...]

Runs COMMAND with the tensors frozen that the rules of the config name, and compares
them after every epoch with what they were. Without COMMAND, the config's "command"
runs, in the folder of the config. Verdicts go to stderr; the command's own output is
not touched.

  --config FILE  the config; permafrost.json in this folder when not given
  --quiet        tell only what is wrong

Several words after -- are run as they are; a single quoted string is run by a shell.

Exit code: the command's own; 3 when a frozen tensor moved; 2 when the config is not
valid (before anything starts); 127 when the command is not found; 128 and the
signal's number after a signal (130 for Ctrl+C).
`,
  run,
};

async function run(args: readonly string[]): Promise<number> {
  const { own, command: words } = splitCommand(args, OPTIONS);
  const { config: option, quiet = false } = parseArguments('run', own, OPTIONS, 0).values;
  const project = await openProject(option);
  const { command, cwd } = commandOf(project, words, 'run');
  if (!quiet) await warnByInspection(project, command.text);
  const rules = project.config?.value.rules.length ?? 0;
  if (!quiet) {
    note(
      project.config === null
        ? `no ${shown(project.configFile)}: running with nothing frozen`
        : `${counted(rules, 'rule')} of ${shown(project.configFile)}; running ${command.text}`,
    );
  }
  const engines = await enginesFor(project, command.text, cwd, quiet);
  const prepared = await prepareRun({
    folder: project.folder,
    command: command.text,
    cwd,
    configFile: project.configFile,
    configText: project.config?.text ?? newConfigText(undefined),
    // The editor's task runs this CLI in its terminal.
    launcher: process.env['PERMAFROST_LAUNCHER'] === 'editor' ? 'editor' : 'cli',
    mode: 'run',
    engines,
    pid: process.pid,
    baseEnv: process.env,
    dist: distDirectory(),
    version: VERSION,
  });
  const follower = new Follower(prepared.id, prepared.directory, quiet);
  const { child, ended } = startCommand(
    command,
    cwd,
    { ...process.env, ...prepared.env },
    'inherit',
  );
  const interrupts = new Interrupts(child.pid);
  const ending = await ended;
  await interrupts.finish();
  if (interrupts.received === null) await tellNotLoaded(prepared, command.text, ending, follower);
  await writeEnd(prepared, ending, interrupts.received);
  const state = await follower.finish();
  const failure = startFailure(command, ending);
  if (failure === null) tellEnd(state, prepared, quiet);
  else note(failure);
  if (follower.moved) return MOVED;
  return interrupts.received === null
    ? exitCodeOf(ending)
    : exitCodeOf({ ...ending, signal: interrupts.received });
}

async function tellNotLoaded(
  prepared: PreparedRun,
  command: string,
  ending: Ending,
  follower: Follower,
): Promise<void> {
  if (ending.failure !== null) return;
  const told = hookNotLoaded(command, await follower.catchUp(), ending.code);
  if (told === null) return;
  const { text, advice } = told;
  await appendEvent(prepared.events, 'launcher', {
    type: 'message',
    ...{ level: 'warning', code: 'hook-not-loaded', text, advice },
  });
}

async function writeEnd(
  prepared: PreparedRun,
  ending: Ending,
  interrupted: NodeJS.Signals | null,
): Promise<void> {
  await appendEvent(prepared.events, 'launcher', {
    type: 'run-ended',
    code: ending.failure === null ? ending.code : exitCodeOf(ending),
    signal: ending.signal,
    cancelled: interrupted !== null,
  });
}

function tellEnd(state: RunState, prepared: PreparedRun, quiet: boolean): void {
  const good = state.verdict.kind === 'intact' || state.verdict.kind === 'nothing frozen';
  if (quiet && good) return;
  note(verdictSentence(state));
  note(`details: permafrost report ${prepared.id} (${shown(prepared.directory)})`);
}
