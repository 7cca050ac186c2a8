import { writeFile } from 'node:fs/promises';
import { renderHtml } from '../runs/report/html';
import { renderMarkdown } from '../runs/report/markdown';
import { loadRun } from '../runs/store';
import { parseArguments } from './arguments';
import { note, print } from './output';
import { locate, shown } from './project';
import { reportText } from './reportText';
import type { Subcommand } from './subcommand';
import { UsageError } from './usageError';

const OPTIONS = {
  config: { type: 'string' },
  json: { type: 'boolean' },
  markdown: { type: 'boolean' },
  html: { type: 'string' },
} as const;

export const reportSubcommand: Subcommand = {
  name: 'report',
  summary: 'print what a run proved, as text, JSON, Markdown or HTML',
  help: `Usage: permafrost report [RUN | latest] [--json | --markdown | --html FILE] [--config FILE]

Prints the verdicts of one run; of the newest when RUN is not given.

  --json         print the run state as JSON (docs/events.md says what it holds)
  --markdown     print Markdown
  --html FILE    write a page that stands alone
  --config FILE  the config of the project; permafrost.json in this folder when not given

Exit code: 0, whatever the verdict; 1 when there is no such run.
`,
  run,
};

async function run(args: readonly string[]): Promise<number> {
  const { values, words } = parseArguments('report', args, OPTIONS, 1);
  const { config, json = false, markdown = false, html } = values;
  if ([json, markdown, html !== undefined].filter(Boolean).length > 1) {
    throw new UsageError(
      'One of --json, --markdown and --html is enough.',
      'Call permafrost report once for each.',
    );
  }
  const { state, directory } = await loadRun(locate(config).folder, words[0] ?? 'latest');
  if (json) print(JSON.stringify(state, null, 2));
  else if (markdown) print(renderMarkdown(state));
  else if (html === undefined) print(reportText(state, shown(directory)));
  else {
    await writeFile(html, renderHtml(state));
    note(`written to ${html}`);
  }
  return 0;
}
