/**
 * How long `activate()` takes in a real VS Code (hrtime around its body) and how large its bundle
 * is, each against its target.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { activationTime } from '../test/workbench/harness/extensionState';
import { ROOT } from '../test/workbench/harness/installed';
import { sampleFolder } from '../test/workbench/harness/scratch';
import { Workbench } from '../test/workbench/harness/workbench';
import { median } from './median';

const MILLISECONDS = 25;
const KILOBYTES = 200;
const WINDOWS = 5;

void main();

async function main(): Promise<void> {
  const sample = await sampleFolder('tfjs-digits');
  const workbench = await Workbench.launch({ folder: sample.folder });
  const times: number[] = [];
  try {
    times.push(await activationTime(workbench));
    while (times.length < WINDOWS) {
      await workbench.reload();
      times.push(await activationTime(workbench));
    }
  } finally {
    await workbench.close();
    await sample.dispose();
  }
  const time = median(times);
  const size = statSync(join(ROOT, 'dist', 'extension.js')).size / 1000;
  const all = times.map((each) => each.toFixed(1)).join(' ');
  console.log(
    `activation: ${(time / MILLISECONDS).toFixed(2)} of its target, ${time.toFixed(1)} ms of ${MILLISECONDS} (${all}); ` +
      `bundle: ${(size / KILOBYTES).toFixed(2)} of its target, ${size.toFixed(0)} KB of ${KILOBYTES}`,
  );
}
