import type { Cause, Finding } from '../events';
import type { CellLetter } from './reportView';
import { rankWords } from '../reduce/ranks';
import type { Cell, RankedFinding } from '../state';
import { visibleText } from '../words/visibleText';
import { counted, formatDelta } from '../words/words';

/** Every cell as the letter that travels to the webview. */
export const LETTERS: Readonly<Record<Cell, CellLetter>> = {
  intact: 'i',
  moved: 'm',
  rebased: 'b',
  replaced: 'p',
  missing: 's',
  'not verified': 'n',
  trainable: 't',
  pending: 'w',
};

/** Of compared checkpoints only. */
const COMPARED: readonly (readonly [CellLetter, string])[] = [
  ['e', 'equal'],
  ['c', 'changed'],
  ['v', 'new'],
  ['g', 'gone'],
  ['d', 'another shape or type'],
  ['x', 'in neither file'],
];

const WORDS = new Map<string, string>([
  ...Object.entries(LETTERS).map(([cell, letter]) => [letter, cell] as const),
  ...COMPARED,
]);

/** The verdict that a letter stands for. */
export function wordOf(letter: string): string {
  return WORDS.get(letter) ?? 'not verified';
}

/** `1 element, max |Δ| 1.0e-7`; empty when only a fingerprint was kept. */
export function movedSize(moved: {
  readonly elements: number | null;
  readonly maxDelta: number | 'NaN' | 'Infinity' | null;
}): string {
  const { elements, maxDelta } = moved;
  return elements === null || maxDelta === null
    ? ''
    : `${counted(elements, 'element')}, max |Δ| ${formatDelta(maxDelta)}`;
}

/** `train.js:31`; empty when the place is not known. */
export function sourceOf(cause: Cause | null | undefined): string {
  if (cause?.file === undefined) return '';
  const line = cause.line === undefined ? '' : `:${String(cause.line)}`;
  return visibleText(`${cause.file}${line}`);
}

/**
 * What was found, without the verdict's own word: `1 element, max |Δ| 1.0e-7; assign() was called`.
 * @param several whether several ranks train the model: then `rank 1 · …`
 */
export function findingText(finding: RankedFinding, several: boolean): string {
  const ranks = several && finding.ranks !== undefined ? rankWords(finding.ranks) : '';
  const text = plainText(finding);
  return [ranks, text].filter((part) => part !== '').join(' · ');
}

function plainText(finding: Finding): string {
  switch (finding.verdict) {
    case 'moved':
      return [movedSize(finding), visibleText(finding.cause?.text ?? '')]
        .filter((part) => part !== '')
        .join('; ');
    case 'rebased':
      return visibleText(finding.cause.text);
    case 'replaced':
      return 'another tensor bears the name';
    case 'missing':
      return 'the model no longer holds it';
    case 'not verified':
      return visibleText(finding.reason);
  }
}

/** What was found, with the place in the script that caused it. */
export function placedText(finding: RankedFinding, several: boolean): string {
  const source = sourceOf(causeOf(finding));
  const text = findingText(finding, several);
  return source === '' ? text : `${text} at ${source}`;
}

/** The cause that a finding names. */
export function causeOf(finding: Finding): Cause | null {
  return finding.verdict === 'moved' || finding.verdict === 'rebased'
    ? (finding.cause ?? null)
    : null;
}
