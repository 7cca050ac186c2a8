import { causeOf, findingText, LETTERS, sourceOf } from './reportFinding';
import { rowsByName } from './reportRows';
import type { ProblemView } from './reportView';
import type { ModelState, RankedFinding } from '../state';

interface Found {
  readonly epoch: number;
  readonly finding: RankedFinding;
}

/**
 * For each tensor that was not intact in some epoch, the first time that it moved, or else the
 * first finding of another kind; in the order of the model.
 */
export function problemViews(model: ModelState): readonly ProblemView[] {
  const found = new Map<string, Found>();
  for (const { epoch, verification } of model.epochs) {
    for (const finding of verification?.findings ?? []) {
      const known = found.get(finding.name)?.finding.verdict;
      if (known === undefined || (known !== 'moved' && finding.verdict === 'moved')) {
        found.set(finding.name, { epoch, finding });
      }
    }
  }
  const rows = rowsByName(model.tensors);
  return [...found]
    .flatMap(([name, { epoch, finding }]): ProblemView[] => {
      const row = rows.get(name);
      if (row === undefined) return [];
      const text = findingText(finding, model.ranks.length > 1);
      const letter = LETTERS[finding.verdict];
      const when = `epoch ${String(epoch)}`;
      return [{ row, epoch, when, letter, text, source: sourceOf(causeOf(finding)) }];
    })
    .sort((a, b) => a.row - b.row);
}
