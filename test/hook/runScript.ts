import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseEventLine, type EventOf, type EventType, type RunEvent } from '../../src/runs/events';
import { buildHook, bundleFolder, root } from './bundles';

export const scripts = join(root, 'test/hook/scripts');

let bundles: Promise<string> | undefined;

/** The folder with the hook's two bundles, built from the sources once per test file. */
export function hookBundles(): Promise<string> {
  return (bundles ??= makeBundles());
}

async function makeBundles(): Promise<string> {
  const folder = await bundleFolder();
  await buildHook(folder);
  return folder;
}

/** Node binaries to try beside the one that runs the tests: version 22, 24. */
export function otherNodes(): readonly string[] {
  const listed = (process.env['PERMAFROST_TEST_NODES'] ?? '').split(delimiter).filter(Boolean);
  return [...listed, ...findNodes(join(root, '.cache/nodes'))].filter((file) => existsSync(file));
}

function findNodes(folder: string): readonly string[] {
  const versions = existsSync(folder) ? readdirSync(folder) : [];
  return versions.map((version) => join(folder, version, 'bin/node'));
}

export interface Options {
  readonly config?: object | string;
  readonly args?: readonly string[];
  /** The whole command instead of `node <script> <args>`. */
  readonly command?: readonly string[];
  readonly node?: string;
  readonly nodeArgs?: readonly string[];
  readonly mode?: 'run' | 'inspect';
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** Makes the run folder read-only. */
  readonly readOnly?: boolean;
  /** Called with each piece of stdout and a way to send a signal. */
  readonly onStdout?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly events: readonly RunEvent[];
  /** Lines that are no valid events. */
  readonly invalid: readonly string[];
  /** The inspection, when one was written. */
  readonly inspection: unknown;
  readonly runDir: string;
}

/** Runs a script without Permafrost. */
export async function runPlain(script: string, options: Options = {}): Promise<Result> {
  return run(script, options, {}, '');
}

/** Runs a script under the hook, by the environment alone, as the launcher does. */
export async function runHooked(script: string, options: Options = {}): Promise<Result> {
  const dist = await hookBundles();
  const runDir = await mkdtemp(join(tmpdir(), 'permafrost run-'));
  const { config = { freeze: [] } } = options;
  const text = typeof config === 'string' ? config : JSON.stringify(config);
  await writeFile(join(runDir, 'permafrost.json'), text);
  if (options.readOnly) await blockEvents(runDir);
  const env = {
    PERMAFROST_RUN_DIR: runDir,
    PERMAFROST_MODE: options.mode ?? 'run',
    PERMAFROST_CONFIG_FILE: '/project/permafrost.json',
    PERMAFROST_INSPECTION: join(runDir, 'state', 'model.json'),
    NODE_OPTIONS: `--require "${join(dist, 'tfjs-preload.cjs')}"`,
  };
  const result = await run(script, options, env, runDir);
  await chmod(runDir, 0o755);
  await rm(runDir, { recursive: true, force: true });
  return result;
}

/** A directory in the place of the file cannot be appended to, not even by root. */
async function blockEvents(runDir: string): Promise<void> {
  await mkdir(join(runDir, 'events.jsonl'));
}

async function run(
  script: string,
  options: Options,
  env: Record<string, string>,
  runDir: string,
): Promise<Result> {
  const { node = process.execPath, nodeArgs = [], args = [] } = options;
  const file = join(scripts, script);
  const [program = node, ...rest] = options.command ?? [node, ...nodeArgs, file, ...args];
  const child = spawn(program, rest, {
    cwd: options.cwd ?? root,
    env: { ...cleanEnvironment(), ...env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    options.onStdout?.(text, (signal) => child.kill(signal));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const lines = (await readText(join(runDir, 'events.jsonl'))).split('\n').filter(Boolean);
  const parsed = lines.map((line) => ({ line, parsed: parseEventLine(line) }));
  const inspection = await readText(join(runDir, 'state', 'model.json'));
  return {
    ...{ code, stdout, stderr, runDir },
    events: parsed.flatMap(({ parsed: each }) => (each.kind === 'event' ? [each.event] : [])),
    invalid: parsed.flatMap(({ line, parsed: each }) => (each.kind === 'event' ? [] : [line])),
    inspection: inspection === '' ? null : JSON.parse(inspection),
  };
}

/** Without the options that vitest's own processes run under. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, NODE_OPTIONS: '' };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return '';
  }
}

/** The events of one type, in order. */
export function eventsOf<T extends EventType>(result: Result, type: T): readonly EventOf<T>[] {
  return result.events.filter((event): event is EventOf<T> => event.type === type);
}

/** Each verification in one line: `net 2: 4 intact`, with the findings behind. */
export function verdicts(result: Result): readonly string[] {
  return eventsOf(result, 'verified').map(({ model, epoch, at, intact, findings }) =>
    [
      `${model} ${epoch}${at === 'exit' ? ' at exit' : ''}: ${intact} intact`,
      ...findings.map((finding) => `${finding.name} ${finding.verdict}`),
    ].join(', '),
  );
}

/** What Permafrost itself wrote to stderr, line by line. */
export function ownLines(result: Result): readonly string[] {
  return result.stderr.split('\n').filter((line) => line.startsWith('permafrost:'));
}
