import { modify } from 'jsonc-parser';
import { applyConfigEdits } from '../../freeze/edit';

/** The config's text with another `command`, first of its keys when it is new. */
export function setCommand(text: string, command: string): string {
  const edits = modify(text, ['command'], command, {
    formattingOptions: { insertSpaces: !/^\t/m.test(text), tabSize: 2 },
    getInsertionIndex: () => 0,
  });
  return applyConfigEdits(
    text,
    edits.map(({ offset, length, content }) => ({ offset, length, text: content })),
  );
}
