import * as vscode from 'vscode';
import type { ModelInfo } from '../../model/inspection';
import { previewPattern } from './patternPreview';

/** Asks for a pattern and tells what it matches while it is typed. */
export async function promptPattern(
  title: string,
  effect: string,
  models: readonly ModelInfo[],
): Promise<string | undefined> {
  const pattern = await vscode.window.showInputBox({
    title,
    prompt: '* stays within a part of the name, ** crosses parts; parts are separated by . or /',
    placeHolder: 'features.**',
    validateInput: (value) => {
      if (value.trim() === '') return undefined;
      const { valid, text } = previewPattern(value.trim(), models, effect);
      const { Info, Error } = vscode.InputBoxValidationSeverity;
      return { message: text, severity: valid ? Info : Error };
    },
  });
  return pattern === undefined || pattern.trim() === '' ? undefined : pattern.trim();
}
