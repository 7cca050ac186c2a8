/**
 * The sample trained under Permafrost with nothing frozen against the plain command: pairs that
 * alternate in one run, whole processes from start to exit. Target: at most 1.02.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../test/workbench/harness/installed';
import { sampleFolder } from '../test/workbench/harness/scratch';
import { median } from './median';

const PAIRS = Number(process.argv[2] ?? 3);
const TARGET = 1.02;
const CLI = join(ROOT, 'dist', 'cli.js');

void main();

async function main(): Promise<void> {
  const sample = await sampleFolder('tfjs-digits');
  writeFileSync(join(sample.folder, 'permafrost.json'), '{ "freeze": [] }\n');
  const plain = (): number => seconds(['train.js'], sample.folder);
  const under = (): number => seconds([CLI, 'run', '--', 'node', 'train.js'], sample.folder);
  const ratios = Array.from({ length: PAIRS }, (_, pair) => {
    // Whoever comes second finds warmer caches and another load: they take turns.
    if (pair % 2 === 0) {
      const before = plain();
      return under() / before;
    }
    const first = under();
    return first / plain();
  });
  await sample.dispose();
  const all = ratios.map((ratio) => ratio.toFixed(3)).join(' ');
  console.log(
    `overhead: ${median(ratios).toFixed(3)} times the plain command (${all}), target ${TARGET}`,
  );
}

function seconds(args: readonly string[], cwd: string): number {
  const begin = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  if (status !== 0)
    throw new Error(`node ${args.join(' ')} exited ${status ?? 'by a signal'}: ${stderr}`);
  return (performance.now() - begin) / 1000;
}
