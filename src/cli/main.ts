import { LaunchError } from '../runs/launch/launch';
import { diffSubcommand, lsSubcommand, verifySubcommand } from './checkpointSubcommands';
import { engineSubcommand } from './engine';
import { inspectSubcommand } from './inspect';
import { didYouMean } from './nearest';
import { note, print } from './output';
import { ConfigError } from './project';
import { reportSubcommand } from './report';
import { runSubcommand } from './run';
import { runsSubcommand } from './runs';
import type { Subcommand } from './subcommand';
import { UsageError } from './usageError';
import { VERSION } from './version';

const SUBCOMMANDS: readonly Subcommand[] = [
  runSubcommand,
  inspectSubcommand,
  reportSubcommand,
  runsSubcommand,
  lsSubcommand,
  diffSubcommand,
  verifySubcommand,
  engineSubcommand,
];

const HELP = `Usage: permafrost <command> [options]

Freezes named tensors of a neural network in your own training script and proves from
the bytes after every epoch that they did not move.

${SUBCOMMANDS.map(({ name, summary }) => `  ${name.padEnd(9)}${summary}`).join('\n')}

  --help     this text; permafrost <command> --help for one command
  --version  print the version
`;

/** Runs the CLI with the words after `permafrost`. @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    print(HELP);
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-v') {
    print(VERSION);
    return 0;
  }
  const subcommand = SUBCOMMANDS.find((each) => each.name === name);
  if (subcommand === undefined) {
    const known = SUBCOMMANDS.map((each) => each.name);
    throw new UsageError(
      `There is no command ${name}.`,
      `${didYouMean(name, known)}There are ${known.join(', ')}.`,
    );
  }
  if (asksForHelp(subcommand, rest)) {
    print(subcommand.help);
    return 0;
  }
  return subcommand.run(rest);
}

/** Before the user's command `--help` is ours, behind it the command's. */
function asksForHelp({ takesCommand = false }: Subcommand, args: readonly string[]): boolean {
  const own = takesCommand ? args.slice(0, 1) : args;
  return own.includes('--help') || own.includes('-h');
}

function exitCodeFor(error: unknown): number {
  if (error instanceof ConfigError) return 2;
  if (error instanceof UsageError) {
    note(`error: ${error.message} ${error.advice}`);
    return 2;
  }
  if (error instanceof LaunchError) {
    note(`error: ${error.message} ${error.advice}`);
    return 1;
  }
  note(`error: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
}

// `permafrost report | head` closes our stdout early: nothing more to say then.
process.stdout.on('error', () => process.exit());
// A run goes on, and ends with its own code, when nobody reads its verdicts: a closed terminal.
process.stderr.on('error', () => undefined);

// The editor's own Node may need it to be one; an Electron in the command must not inherit it.
if (process.env['PERMAFROST_LAUNCHER'] === 'editor') delete process.env['ELECTRON_RUN_AS_NODE'];

void main(process.argv.slice(2))
  .catch(exitCodeFor)
  .then((code) => {
    process.exitCode = code;
  });
