/**
 * The sample trained under Permafrost with nothing frozen against the plain command, whole
 * processes from start to exit. The two of a pair run at the same time, so that what else the
 * machine does slows both; who starts first alternates. Target: at most 1.02.
 *   npx tsx bench/overhead.ts [pairs] [epochs]
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../test/workbench/harness/installed';
import { sampleFolder } from '../test/workbench/harness/scratch';
import { median } from './median';

const PAIRS = Number(process.argv[2] ?? 6);
const EPOCHS = process.argv[3] ?? '8';
const TARGET = 1.02;
const CLI = join(ROOT, 'dist', 'cli.js');

void main();

async function main(): Promise<void> {
  const folders = await Promise.all([sampleFolder('tfjs-digits'), sampleFolder('tfjs-digits')]);
  const [own, other] = folders;
  writeFileSync(join(own.folder, 'permafrost.json'), '{ "freeze": [] }\n');
  const under = (): Promise<number> =>
    seconds([CLI, 'run', '--', 'node', 'train.js', EPOCHS], own.folder);
  const plain = (): Promise<number> => seconds(['train.js', EPOCHS], other.folder);
  const ratios: number[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    if (pair % 2 === 0) {
      const [first, second] = await Promise.all([under(), plain()]);
      ratios.push(first / second);
    } else {
      const [first, second] = await Promise.all([plain(), under()]);
      ratios.push(second / first);
    }
  }
  await Promise.all(folders.map((each) => each.dispose()));
  const all = ratios.map((ratio) => ratio.toFixed(3)).join(' ');
  const ratio = median(ratios);
  console.log(`overhead: ratio ${ratio.toFixed(3)} (${all}; target ${TARGET})`);
  if (ratio > TARGET) process.exitCode = 1;
}

function seconds(args: readonly string[], cwd: string): Promise<number> {
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve((performance.now() - begin) / 1000);
      else reject(new Error(`node ${args.join(' ')} exited ${String(code)}: ${stderr}`));
    });
  });
}
