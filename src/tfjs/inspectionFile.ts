import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Inspection } from '../model/inspection';
import type { TrackedModel } from './trackedModel';

/**
 * Writes what the models of this process are called. A reader sees the whole file or the earlier
 * one. @throws what the file system throws
 */
export function writeInspection(
  file: string,
  command: string,
  models: readonly TrackedModel[],
): void {
  const inspection: Inspection = {
    version: 1,
    framework: 'tensorflow.js',
    source: command,
    time: Date.now(),
    models: models.map((model) => ({ ...model.named(), name: model.name })),
  };
  mkdirSync(dirname(file), { recursive: true });
  // Threads of one process may write at once.
  const temporary = `${file}.${randomUUID()}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(inspection, null, 2)}\n`);
  renameSync(temporary, file);
}
