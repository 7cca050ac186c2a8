import { listRuns, type RunSummary } from '../runs/store';
import { verdictSentence } from '../runs/words/words';
import { parseArguments } from './arguments';
import { note, print } from './output';
import { locate } from './project';
import type { Subcommand } from './subcommand';

const OPTIONS = {
  config: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export const runsSubcommand: Subcommand = {
  name: 'runs',
  summary: 'list the runs of this project, newest first',
  help: `Usage: permafrost runs [--json] [--config FILE]

Lists the runs of the project, newest first, each with its status and verdict.

  --json         print them as a JSON array
  --config FILE  the config of the project; permafrost.json in this folder when not given
`,
  run,
};

async function run(args: readonly string[]): Promise<number> {
  const { config, json = false } = parseArguments('runs', args, OPTIONS, 0).values;
  const { folder } = locate(config);
  const runs = await listRuns(folder);
  if (json) print(JSON.stringify(runs.map(summary), null, 2));
  else if (runs.length === 0) note(`no runs in ${folder}`);
  else print(runs.map(line).join('\n'));
  return 0;
}

function line({ id, state }: RunSummary): string {
  return `${id}  ${state.status.padEnd(9)}  ${verdictSentence(state)}`;
}

function summary({ id, directory, state }: RunSummary): unknown {
  const { command, status, startedAt, endedAt, exitCode, verdict } = state;
  return { id, directory, command, status, startedAt, endedAt, exitCode, verdict };
}
