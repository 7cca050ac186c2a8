import { PythonExtension, PVSC_EXTENSION_ID } from '@vscode/python-extension';
import * as vscode from 'vscode';
import { findPython, spellPython } from './findPython';

/** The Python extension may look through all environments of the machine first. */
const PATIENCE_MILLISECONDS = 5000;

/**
 * The Python that `folder` is worked on with, as one types it in a terminal there: the one chosen in
 * the Python extension where that is installed, else that of the folder's virtual environment, else
 * the one on PATH. Undefined when there is none. Never throws.
 */
export async function projectPython(folder: vscode.WorkspaceFolder): Promise<string | undefined> {
  const path = folder.uri.fsPath;
  const chosen = await Promise.race([
    chosenPython(folder).catch(() => undefined),
    new Promise<undefined>((resolve) => {
      setTimeout(resolve, PATIENCE_MILLISECONDS, undefined);
    }),
  ]);
  return chosen === undefined ? findPython(path) : spellPython(chosen, path);
}

/** Absolute path of the interpreter that the Python extension uses for `folder`. */
async function chosenPython(folder: vscode.WorkspaceFolder): Promise<string | undefined> {
  if (vscode.extensions.getExtension(PVSC_EXTENSION_ID) === undefined) return undefined;
  const { environments } = await PythonExtension.api();
  const active = environments.getActiveEnvironmentPath(folder.uri);
  const environment = await environments.resolveEnvironment(active);
  // An environment of conda can be without a Python.
  return environment?.executable.uri?.fsPath;
}
