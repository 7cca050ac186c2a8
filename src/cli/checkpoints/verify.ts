import { comparisonVerdict } from '../../model/compare/verdict';
import { visibleText } from '../../runs/words/visibleText';
import { parseArguments } from '../arguments';
import { note, print } from '../output';
import { openProject, shown } from '../project';
import { UsageError } from '../usageError';
import { closingLine } from './closingLine';
import { columnTitles } from './columnTitles';
import { compareFiles } from './compareFiles';
import { verdictCode } from './verdictCode';
import { violationLines } from './violations';

const OPTIONS = {
  config: { type: 'string' },
  exact: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/** `permafrost verify`. @returns the exit code */
export async function runVerify(args: readonly string[]): Promise<number> {
  const { values, words } = parseArguments('verify', args, OPTIONS, Infinity);
  const { config, exact = false, json = false } = values;
  const project = await openProject(config);
  if (project.config === null) {
    throw new UsageError(
      `There is no ${shown(project.configFile)}, whose rules say what must be equal.`,
      'Name one with --config, or compare without rules by permafrost diff.',
    );
  }
  const comparison = await compareFiles('verify', words, project, exact);
  if (json) print(JSON.stringify(comparison, null, 2));
  else {
    const violations = violationLines(comparison, columnTitles(comparison.files));
    print([...violations, closingLine(comparison)].map(visibleText).join('\n'));
  }
  if (comparisonVerdict(comparison).kind !== 'nothing frozen') return verdictCode(comparison);
  note(`error: nothing to verify. Add rules to "freeze" in ${shown(project.configFile)}.`);
  return 2;
}
