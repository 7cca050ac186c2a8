import type { ComparedFile } from '../../model/compare/comparison';

/** What heads the column of each file: its epoch where all tell theirs, else its position. */
export function columnTitles(files: readonly ComparedFile[]): readonly string[] {
  const epochs = files.map(({ epoch }) => epoch);
  const told = epochs.every((epoch) => epoch !== null) && new Set(epochs).size === files.length;
  return files.map(({ epoch }, index) => String(told ? epoch : index + 1));
}
