import { build } from 'esbuild';
import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parted } from '../../scripts/lazy-bundles.mjs';
import { buildHook, bundleFolder, NODE_BUNDLE, root } from '../hook/bundles';

/** How a process ended and what it printed. */
export interface Result {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly result: Promise<Result>;
  /** Resolves when stdout or stderr holds the text. */
  readonly seen: (text: string) => Promise<void>;
}

let installed: Promise<string> | undefined;

/**
 * The CLI with its hooks, bundled as it ships into a folder with a space in its name; resolves to
 * the link through which `npm` would start it.
 */
export function installCli(): Promise<string> {
  return (installed ??= install());
}

async function install(): Promise<string> {
  const home = await bundleFolder();
  const folder = join(home, 'dist');
  await symlink(join(root, 'python'), join(home, 'python'));
  const cli = join(folder, 'cli.js');
  const banner = { js: '#!/usr/bin/env node' };
  await Promise.all([
    build({ ...NODE_BUNDLE, ...parted, entryPoints: ['src/cli/main.ts'], outfile: cli, banner }),
    build({
      ...NODE_BUNDLE,
      ...parted,
      entryPoints: ['src/cli/checkpoints/checkpointCommands.ts'],
      outfile: join(folder, 'checkpointCommands.js'),
    }),
    build({
      ...NODE_BUNDLE,
      entryPoints: ['src/runs/report/reportExport.ts'],
      outfile: join(folder, 'reportExport.js'),
    }),
    build({
      ...NODE_BUNDLE,
      entryPoints: ['src/model/jobs/worker.ts'],
      outfile: join(folder, 'checkpoint-worker.cjs'),
    }),
    buildHook(folder),
  ]);
  await chmod(cli, 0o755);
  await symlink(cli, join(folder, 'permafrost'));
  return join(folder, 'permafrost');
}

/** A folder of a user, with files by name; TensorFlow.js can be required in it. */
export async function makeProject(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'a project '));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

/** Starts `permafrost` with arguments in a folder, without a terminal. */
export async function start(folder: string, ...args: readonly string[]): Promise<Running> {
  return startProcess(await installCli(), args, folder);
}

/** Runs `permafrost` to its end. */
export async function permafrost(folder: string, ...args: readonly string[]): Promise<Result> {
  return (await start(folder, ...args)).result;
}

/** Starts any program, with its output collected. */
export function startProcess(file: string, args: readonly string[], cwd: string): Running {
  const env = { ...process.env, NODE_OPTIONS: undefined };
  const child = spawn(file, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  let check: () => void = () => undefined;
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8');
    child[name].on('data', (text: string) => {
      output[name] += text;
      check();
    });
  }
  const result = new Promise<Result>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ code, signal, ...output });
    });
  });
  const seen = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      check = () => {
        if (output.stdout.includes(text) || output.stderr.includes(text)) resolve();
      };
      check();
      void result.then(({ stdout, stderr }) => {
        reject(new Error(`ended before it printed ${text}:\n${stdout}\n${stderr}`));
      });
    });
  return { child, result, seen };
}

/** The lines of stderr that are Permafrost's, without its name. */
export function notes({ stderr }: Result): readonly string[] {
  const prefix = 'permafrost: ';
  return stderr
    .split('\n')
    .flatMap((line) => (line.startsWith(prefix) ? [line.slice(prefix.length)] : []));
}

/**
 * Source of a script that acts as the hook would in a trainer: `emit` writes an event, `epoch` all
 * of one epoch of the model `net`, in which `a` and `b` are frozen.
 */
export const TRAINER = `
  const fs = require('node:fs');
  const file = require('node:path').join(process.env.PERMAFROST_RUN_DIR, 'events.jsonl');
  const emit = (type, body) => fs.appendFileSync(file, JSON.stringify(
    { v: 1, t: Date.now(), proc: String(process.pid), type, ...body }) + '\\n');
  emit('process-started', { pid: process.pid, runtime: 'node', argv: process.argv });
  const span = [{ from: 1, until: null, rule: 0 }];
  emit('model', { model: 'net', className: 'Sequential', matched: [2],
    tensors: ['a', 'b', 'head'].map((name) => (
      { name, kind: 'parameter', module: '', type: 'Dense', dtype: 'float32', shape: [2] })),
    frozen: { a: span, b: span }, trainableBefore: 6, trainableAfter: 2 });
  const model = 'net';
  const epoch = (epoch, findings = []) => {
    emit('epoch-started', { model, epoch, epochs: 2, clock: 'fit' });
    emit('epoch-ended', { model, epoch, metrics: {}, milliseconds: 1 });
    emit('verified', { model, epoch, at: 'epoch-end', method: 'bytes', milliseconds: 1, bytes: 8,
      intact: 2 - findings.length, findings, normalization: [], unmoved: [] });
  };
  const moved = (name) => ({ name, verdict: 'moved', elements: 1, maxDelta: 1e-7, cause: null });
`;
