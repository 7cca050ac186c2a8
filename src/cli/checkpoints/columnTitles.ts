import type { ComparedFile } from '../../model/compare/comparison';
import { fileNames } from '../../runs/report/comparisonColumns';

/** What heads the column of each file: its epoch where all tell theirs, else its position. */
export function columnTitles(files: readonly ComparedFile[]): readonly string[] {
  return fileNames(files).epochs.map(String);
}
