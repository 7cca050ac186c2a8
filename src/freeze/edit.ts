import type { NamedModel } from './tensor';

/** A replacement in the config's text; offsets are those of the text before any edit. */
export interface ConfigEdit {
  /** UTF-16 code units from 0. */
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

/** A tensor by the name of its model and its own primary name. */
export interface SelectedTensor {
  readonly model: string;
  readonly name: string;
}

/**
 * The smallest edit after which exactly the selection is frozen (or thawed) in all epochs and
 * everything else is as before. Empty when nothing is to change or the config has errors.
 */
export function editFreeze(
  _text: string,
  _models: readonly NamedModel[],
  _selection: readonly SelectedTensor[],
  _freeze: boolean,
): readonly ConfigEdit[] {
  return [];
}

/** Appends a rule. */
export function addRule(
  _text: string,
  _rule: string | Record<string, unknown>,
): readonly ConfigEdit[] {
  return [];
}

/** Empties `freeze`. */
export function thawAll(_text: string): readonly ConfigEdit[] {
  return [];
}

/** Replaces `freeze` so that only the selection trains. */
export function trainOnly(
  _text: string,
  _models: readonly NamedModel[],
  _selection: readonly string[] | readonly SelectedTensor[],
): readonly ConfigEdit[] {
  return [];
}

/** The text of a config that freezes nothing. */
export function newConfigText(command: string | undefined): string {
  return `${JSON.stringify({ command, freeze: [] }, null, 2)}\n`;
}

/** The text after the edits. */
export function applyConfigEdits(text: string, edits: readonly ConfigEdit[]): string {
  return [...edits]
    .sort((a, b) => b.offset - a.offset)
    .reduce(
      (before, { offset, length, text: inserted }) =>
        before.slice(0, offset) + inserted + before.slice(offset + length),
      text,
    );
}
