import * as vscode from 'vscode';
import { PatternError } from '../../freeze/pattern';
import { debounce } from '../debounce';
import { DisposableStore } from '../disposables';

const TYPING_MILLISECONDS = 120;

/**
 * Asks for a filter and applies it while it is typed; Escape brings back the one before.
 * @param apply throws PatternError for a pattern that is not valid
 */
export async function promptFilter(before: string, apply: (filter: string) => void): Promise<void> {
  const store = new DisposableStore();
  const box = store.add(vscode.window.createInputBox());
  box.title = 'Filter Parameters';
  box.prompt = 'A part of the name, or a pattern as in a rule: **/kernel';
  box.value = before;
  const preview = (): void => {
    try {
      apply(box.value);
      box.validationMessage = undefined;
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      box.validationMessage = error.message;
    }
  };
  const typing = store.add(debounce(preview, TYPING_MILLISECONDS));
  store.add(
    box.onDidChangeValue(() => {
      typing.schedule();
    }),
  );
  const accepted = await new Promise<boolean>((resolve) => {
    store.add(
      box.onDidAccept(() => {
        preview();
        if (box.validationMessage === undefined) resolve(true);
      }),
    );
    store.add(
      box.onDidHide(() => {
        resolve(false);
      }),
    );
    box.show();
  });
  store.dispose();
  if (!accepted) apply(before);
}
