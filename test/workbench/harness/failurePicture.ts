import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { ROOT } from './installed';
import type { Workbench } from './workbench';

/**
 * Keeps a screenshot in `test-results/` of each test that fails. To be called after the file's own
 * `afterEach`, since the last one registered runs first.
 */
export function keepFailurePictures(workbench: () => Workbench): void {
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    const directory = join(ROOT, 'test-results');
    mkdirSync(directory, { recursive: true });
    const name = task.name.replace(/[^a-z0-9]+/gi, '-').slice(0, 80);
    await workbench().screenshot(join(directory, `${name}.png`));
  });
}
