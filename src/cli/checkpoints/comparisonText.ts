import type { ComparedModel, Comparison } from '../../model/compare/comparison';
import { checkpointFacts } from '../../runs/words/checkpointWords';
import { pairDetails } from '../../runs/words/comparisonWords';
import { visibleText } from '../../runs/words/visibleText';
import { counted } from '../../runs/words/words';
import { modelWords } from '../inspectionText';
import { moduleRows } from '../moduleRows';
import { closingLine } from './closingLine';
import { columnTitles } from './columnTitles';
import { expectationText, pairWord, ruleOf } from './pairWords';
import { warningLine } from './listingText';
import { countLines, isNews } from './news';
import { legendLine, matrixLines } from './matrixLines';

/**
 * A comparison as text: the files, what differs by module with what the rules expect beside it,
 * and the verdict. Of two files a line a tensor; of more the cells of the report as letters.
 * @param all whether what is as it should be is listed too
 */
export function comparisonText(comparison: Comparison, all: boolean): string {
  const several = comparison.files.length > 2;
  const lines = [
    ...fileLines(comparison),
    ...comparison.models.flatMap((model) => [
      '',
      ...(several ? matrixLines(model, comparison, all) : pairLines(model, comparison, all)),
    ]),
    '',
    ...(several ? [legendLine(comparison, all)].filter((line) => line !== '') : []),
    closingLine(comparison),
  ];
  return lines.map(visibleText).join('\n');
}

function fileLines({ files, config }: Comparison): readonly string[] {
  const titles = files.length === 2 ? ['before', 'after'] : columnTitles(files);
  const width = Math.max(...titles.map((title) => title.length));
  return [
    ...files.flatMap((file, index) => [
      `${(titles[index] ?? '').padEnd(width)}  ${file.path}: ${checkpointFacts(file)}`,
      ...file.warnings.map(warningLine),
    ]),
    ...(config === null ? [] : [rulesLine(config)]),
  ];
}

function rulesLine({ file, rules, typesFrom }: NonNullable<Comparison['config']>): string {
  const types = typesFrom === null ? '' : `; classes of layers as ${typesFrom} had them`;
  return `under ${counted(rules.length, 'rule')} of ${file}${types}`;
}

function pairLines(model: ComparedModel, comparison: Comparison, all: boolean): readonly string[] {
  const shown = all ? model.tensors : model.tensors.filter(isNews);
  const rows = moduleRows(shown, (tensor, name) => {
    const [pair] = tensor.pairs;
    if (pair === undefined) return [name];
    return [
      name,
      pairWord(pair),
      pairDetails(pair.verdict),
      expectationText(pair, ruleOf(tensor, comparison)),
    ];
  });
  return [
    `${modelWords(model)}: ${counted(model.tensors.length, 'tensor')}`,
    ...rows,
    ...(all ? [] : countLines(model)),
  ];
}
