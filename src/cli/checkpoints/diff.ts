import { writeFile } from 'node:fs/promises';
import type { Comparison } from '../../model/compare/comparison';
import { parseArguments } from '../arguments';
import { note, print } from '../output';
import { openProject } from '../project';
import { UsageError } from '../usageError';
import { compareFiles } from './compareFiles';
import { comparisonText } from './comparisonText';
import { verdictCode } from './verdictCode';

const OPTIONS = {
  config: { type: 'string' },
  exact: { type: 'boolean' },
  all: { type: 'boolean' },
  json: { type: 'boolean' },
  markdown: { type: 'boolean' },
  html: { type: 'string' },
} as const;

/** `permafrost diff`. @returns the exit code */
export async function runDiff(args: readonly string[]): Promise<number> {
  const { values, words } = parseArguments('diff', args, OPTIONS, Infinity);
  const { config, exact = false, all = false, json = false, markdown = false, html } = values;
  if ([json, markdown, html !== undefined].filter(Boolean).length > 1) {
    throw new UsageError(
      'One of --json, --markdown and --html is enough.',
      'Call permafrost diff once for each.',
    );
  }
  const project = config === undefined ? null : await openProject(config);
  const comparison = await compareFiles('diff', words, project, exact);
  if (json) print(JSON.stringify(comparison, null, 2));
  else if (markdown || html !== undefined) await exportReport(comparison, html);
  else print(comparisonText(comparison, all));
  return verdictCode(comparison);
}

/** @param html file of the page; Markdown on stdout when undefined */
async function exportReport(comparison: Comparison, html: string | undefined): Promise<void> {
  const reports = await import('../../runs/report/reportExport');
  if (html === undefined) {
    print(reports.renderComparisonMarkdown(comparison));
    return;
  }
  await writeFile(html, reports.renderComparisonHtml(comparison));
  note(`written to ${html}`);
}
