import * as vscode from 'vscode';
import type { Settings } from './contributions';

const SECTION = 'permafrost';

/** A setting's value; package.json holds the defaults. */
export function readSetting<K extends keyof Settings>(key: K): Settings[K] {
  const value = vscode.workspace.getConfiguration(SECTION).get<Settings[K]>(key);
  if (value === undefined) throw new Error(`${SECTION}.${key} is not contributed`);
  return value;
}
