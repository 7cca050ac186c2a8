import { isFrozenAt } from '../../freeze/spans';
import { cellOf } from '../reduce/cells';
import { LETTERS, placedText } from './reportFinding';
import { rowsByName } from './reportRows';
import type { ColumnView, NormLetter } from './reportView';
import type { EpochState, ModelState } from '../state';
import { visibleText } from '../words/visibleText';
import { epochLine } from '../words/words';

/** A detail costs a hundred bytes: where everything moved, the cells alone have to say it. */
const MOST_DETAILS = 500;

/** One epoch of the table. */
export function columnView(
  model: ModelState,
  epoch: EpochState,
  /** Layers known by this epoch, in the order in which they appeared. */
  layers: readonly string[],
  /** Whether a verdict may still come. */
  open: boolean,
): ColumnView {
  const rows = rowsByName(model.tensors);
  const findings = epoch.verification?.findings ?? [];
  return {
    epoch: epoch.epoch,
    title: String(epoch.epoch),
    cells: cellLetters(model, epoch, open),
    norms: normLetters(epoch, layers),
    details: findings.slice(0, MOST_DETAILS).flatMap((finding): [number, string][] => {
      const row = rows.get(finding.name);
      return row === undefined ? [] : [[row, placedText(finding, model.ranks.length > 1)]];
    }),
    text: visibleText(epochLine(model, epoch)),
  };
}

/**
 * One letter a tensor. Frozen tensors without a finding all show the same in one epoch, so only
 * the first of them is looked up.
 */
function cellLetters(model: ModelState, epoch: EpochState, open: boolean): string {
  const found = new Set(epoch.verification?.findings.map(({ name }) => name));
  let unremarkable: string | null = null;
  let letters = '';
  for (const { name } of model.tensors) {
    if (found.has(name)) letters += letter(model, name, epoch, open);
    else if (!isFrozenAt(model.frozen[name], epoch.epoch)) letters += LETTERS.trainable;
    else letters += unremarkable ??= letter(model, name, epoch, open);
  }
  return letters;
}

function letter(model: ModelState, name: string, epoch: EpochState, open: boolean): string {
  const cell = cellOf(model, name, epoch);
  return LETTERS[cell === 'pending' && !open ? 'not verified' : cell];
}

function normLetters({ verification }: EpochState, layers: readonly string[]): string {
  const letters = new Map<string, NormLetter>();
  for (const { module, mode, frozen } of verification?.normalization ?? []) {
    letters.set(module, NORMS[mode][frozen ? 1 : 0]);
  }
  return layers.map((layer) => letters.get(layer) ?? '-').join('');
}

const NORMS: Readonly<Record<'running' | 'batch' | 'mixed', readonly [NormLetter, NormLetter]>> = {
  running: ['r', 'R'],
  batch: ['b', 'B'],
  mixed: ['m', 'M'],
};
