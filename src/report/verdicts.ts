import type { CellLetter, NormLetter, Tone } from '../runs/report/reportView';

/** The verdict that a cell's letter stands for, in words. */
export const WORDS: Readonly<Record<CellLetter, string>> = {
  i: 'intact',
  m: 'moved',
  b: 'rebased',
  p: 'replaced',
  s: 'missing',
  n: 'not verified',
  t: 'trainable',
  w: 'pending',
  e: 'equal',
  c: 'changed',
  v: 'new',
  g: 'gone',
  d: 'another shape or type',
  x: 'in neither file',
};

/** What each word means, for the legend. */
export const MEANINGS: Readonly<Record<CellLetter, string>> = {
  i: 'Every byte equals the reference.',
  m: 'Frozen, but its bytes changed.',
  b: 'The script itself loaded or cast it: compared with a new reference from there on.',
  p: 'Another tensor now bears the name.',
  s: 'The model no longer holds it.',
  n: 'It was to be compared, but could not be.',
  t: 'Not frozen in that epoch.',
  w: 'Frozen; the epoch is not verified yet.',
  e: 'Nothing freezes it, and every byte is equal.',
  c: 'Nothing freezes it, and its bytes changed.',
  v: 'The file before does not have it.',
  g: 'Only the file before has it.',
  d: 'Another shape or element type.',
  x: 'Neither this file nor the one before has it.',
};

/** From worst to best: what a group of tensors shows. */
export const WORST_FIRST = 'mspnbdgvceixwt';

/** The letter of one cell; a column that does not reach so far has not verified it. */
export function letterAt(cells: string, row: number): CellLetter {
  const letter = cells.charAt(row);
  return letter in WORDS ? (letter as CellLetter) : 'n';
}

export const NORMS: Readonly<Record<Exclude<NormLetter, '-'>, string>> = {
  r: 'running statistics',
  R: 'running statistics',
  b: 'batch statistics',
  B: 'batch statistics',
  m: 'running and batch statistics',
  M: 'running and batch statistics',
};

/** The glyph of a tone: the same shape as its cell. */
export const TONE_GLYPHS: Readonly<Record<Tone, CellLetter>> = {
  intact: 'i',
  moved: 'm',
  'not verified': 'n',
  running: 'w',
  'nothing frozen': 't',
  'no model': 'n',
  equal: 'e',
  different: 'c',
  listed: 't',
};
