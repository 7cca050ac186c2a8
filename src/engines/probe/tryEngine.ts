import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import * as z from 'zod/mini';
import type { EngineChoice } from '../../freeze/format';
import { withPreload } from '../../runs/launch/nodeOptions';
import { configSnapshot, eventsFile } from '../../runs/paths';
import { parseEventLine } from '../../runs/events';
import type { Workload } from './workload';

/** What a try of an engine needs. */
export interface ProbeRequest {
  /** Folder in which the command runs, whose TensorFlow.js is taken. */
  readonly cwd: string;
  readonly homes: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Folder with `tfjs-preload.cjs` and `engine-probe.cjs`. */
  readonly dist: string;
  readonly workload: Workload;
}

/** How fast an engine is, or why it cannot be taken. */
export type Trial =
  { readonly milliseconds: number; readonly device: string } | { readonly reason: string };

const printed = z.object({ milliseconds: z.array(z.number()) });

/**
 * Lets an engine compute a few steps in a process of its own. Never rejects.
 * @param limit milliseconds after which it counts as too slow
 */
export async function tryEngine(
  choice: EngineChoice,
  request: ProbeRequest,
  limit: number,
): Promise<Trial> {
  const runDir = await mkdtemp(join(tmpdir(), 'permafrost-probe-'));
  try {
    await writeFile(configSnapshot(runDir), JSON.stringify({ freeze: [], engine: choice }));
    const { stdout, isLate } = await execute(request, runDir, limit);
    if (isLate) return { reason: `not done after ${(limit / 1000).toFixed(0)} s` };
    const last: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
    const [, ...steps] = printed.parse(last).milliseconds;
    const engine = await engineThatRan(runDir);
    if (engine === null) return { reason: 'it did not say what ran' };
    if (engine.fallback !== undefined) return { reason: engine.fallback };
    return { milliseconds: median(steps), device: engine.device };
  } catch {
    return { reason: 'the steps failed' };
  } finally {
    await rm(runDir, { recursive: true, force: true });
  }
}

async function engineThatRan(
  runDir: string,
): Promise<{ readonly device: string; readonly fallback?: string | undefined } | null> {
  const lines = (await readFile(eventsFile(runDir), 'utf8')).split('\n').filter(Boolean);
  for (const line of lines) {
    const parsed = parseEventLine(line);
    if (parsed.kind === 'event' && parsed.event.type === 'engine') return parsed.event;
  }
  return null;
}

function execute(
  { cwd, homes, env, dist, workload }: ProbeRequest,
  runDir: string,
  limit: number,
): Promise<{ readonly stdout: string; readonly isLate: boolean }> {
  const child = spawn(
    process.execPath,
    [join(dist, 'engine-probe.cjs'), JSON.stringify(workload)],
    {
      cwd,
      env: {
        ...env,
        PERMAFROST_RUN_DIR: runDir,
        PERMAFROST_MODE: 'run',
        PERMAFROST_ENGINE_HOMES: homes.join(delimiter),
        NODE_OPTIONS: withPreload(env['NODE_OPTIONS'], join(dist, 'tfjs-preload.cjs')),
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  return new Promise((resolve, reject) => {
    let [stdout, isLate] = ['', false];
    const timer = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, limit);
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(timer);
      resolve({ stdout, isLate });
    });
  });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Infinity;
}
