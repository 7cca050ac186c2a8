import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EngineCli, type InstallLine } from '../../../src/editor/engine/engineCli';

let folder: string;

/** A CLI that does as its first argument says and notes how it ends. */
const CLI = `
const { writeFileSync } = require('node:fs');
const print = (line) => console.log(JSON.stringify(line));
const [group, ...args] = process.argv.slice(2);
if (args[1] === 'wait') {
  process.on('SIGINT', () => { writeFileSync('interrupted', ''); process.exit(130); });
  print({ type: 'progress', step: 'download', done: 1, total: 4, text: 'Downloading' });
  setInterval(() => undefined, 1000);
} else {
  print({ type: 'arguments', group, args, cwd: process.cwd() });
  process.stdout.write('{"type":"err');
  setTimeout(() => { process.stdout.write('or","text":"é"}\\n'); console.error('why'); process.exitCode = 1; }, 30);
}
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'permafrost-engine-cli-'));
  writeFileSync(join(folder, 'cli.js'), CLI);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('reads what the CLI prints line by line, and keeps its errors', async () => {
  const lines: InstallLine[] = [];
  const cli = new EngineCli(join(folder, 'cli.js'), folder);
  const end = await cli.install(['cpu'], (line) => lines.push(line));
  expect(lines).toEqual([
    { type: 'arguments', group: 'engine', args: ['install', 'cpu', '--json'], cwd: folder },
    { type: 'error', text: 'é' },
  ]);
  expect(end).toEqual({ code: 1, errors: 'why\n' });
});

it('interrupts the CLI when it is told to, as Ctrl+C would', async () => {
  const abort = new AbortController();
  const cli = new EngineCli(join(folder, 'cli.js'), folder);
  const end = await cli.install(
    ['wait'],
    () => {
      abort.abort();
    },
    abort.signal,
  );
  expect(end.code).toBe(130);
  expect(readFileSync(join(folder, 'interrupted'), 'utf8')).toBe('');
});

it('tells why a CLI gives no status', async () => {
  const cli = new EngineCli(join(folder, 'none.js'), folder);
  await expect(cli.status()).rejects.toThrow(/none\.js/);
});
