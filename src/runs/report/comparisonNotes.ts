import type { CheckpointWarning } from '../../model/checkpoint/checkpoint';
import type { Comparison } from '../../model/compare/comparison';
import { counted, formatCount } from '../words/words';
import { visibleText } from '../words/visibleText';
import type { FileNames } from './comparisonColumns';
import type { NoteView } from './reportView';

/** What to know beside the verdict: warnings of the files, and what the rules do not reach. */
export function comparisonNotes(
  { files, config, models }: Comparison,
  { names }: FileNames,
): readonly NoteView[] {
  const notes = files.flatMap(({ warnings }, at) =>
    warnings.map((warning) => warningNote(warning, names[at] ?? '')),
  );
  const stayed = models
    .flatMap(({ tensors }) => tensors)
    .filter(({ pairs }) =>
      pairs.every(({ verdict, expected }) => verdict.kind === 'equal' && expected === 'trainable'),
    ).length;
  if (stayed > 0) {
    notes.push({
      level: 'info',
      text: `${counted(stayed, 'tensor')} that no rule freezes ${stayed === 1 ? 'is' : 'are'} equal nonetheless.`,
      advice: 'They may lie outside the optimizer or get no gradient.',
      offer: null,
    });
  }
  config?.matched.forEach((count, rule) => {
    if (count > 0) return;
    notes.push({
      level: 'warning',
      text: `Rule ${formatCount(rule + 1)} matches nothing in these files: ${visibleText(config.rules[rule] ?? '')}`,
      advice: '',
      offer: null,
    });
  });
  return notes;
}

/**
 * A warning about a checkpoint as a note.
 * @param file its name; empty where there is only one
 */
export function warningNote({ text, advice, offset }: CheckpointWarning, file: string): NoteView {
  const place = [file, ...(offset === null ? [] : [`offset ${formatCount(offset)}`])]
    .filter((part) => part !== '')
    .join(', ');
  return {
    level: 'warning',
    text: visibleText(place === '' ? text : `${place}: ${text}`),
    advice: visibleText(advice),
    offer: null,
  };
}
