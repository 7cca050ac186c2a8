import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { ENGINES, type EngineChoice } from '../../freeze/format';
import { canRequire, requireOf } from '../enginePackages';
import { findEngine } from '../findEngine';
import { userHome } from '../homes';
import { ENGINE_KINDS, type EngineKind } from '../manifest';
import { tryEngine, type ProbeRequest, type Trial } from './tryEngine';
import { canTrainOnWasm } from './workload';

/** What `auto` means on this machine for this model. */
export interface MeasuredChoice {
  readonly choice: EngineChoice;
  /** The measurements, as a sentence without a full stop. */
  readonly why: string;
}

const kept = z.object({ choice: z.enum(ENGINES), why: z.string() });

/** Milliseconds that an engine may take for its start and its steps. */
const LIMIT = 15_000;
/** The others may take so many times what the best took in all, and no less than a start takes. */
const PATIENCE = 2;
const START = 5_000;

/**
 * The fastest engine that works here, by a few training steps on each in turn; from the user's
 * cache when the same was measured before. Never rejects.
 * @param measuring is called when it takes seconds
 * @returns null when there is nothing to choose from, so that the script keeps what it loads
 */
export async function chooseEngine(
  request: ProbeRequest,
  measuring: () => void,
): Promise<MeasuredChoice | null> {
  const candidates = candidatesOf(request);
  if (candidates.length < 2) return null;
  const file = cacheFile(request, candidates);
  const known = await readKept(file);
  if (known !== null) return known;
  measuring();
  const measured = await measure(candidates, request);
  if (measured !== null) await keep(file, measured);
  return measured;
}

/** What may run here, what is usually the fastest first. */
function candidatesOf({ homes, cwd, workload }: ProbeRequest): readonly EngineChoice[] {
  const engines = ENGINE_KINDS.flatMap((kind) => {
    const found = findEngine(kind, homes);
    return 'manifest' in found ? found : [];
  });
  const has = (kind: EngineKind): boolean => engines.some(({ manifest }) => manifest.kind === kind);
  const script = createRequire(join(cwd, 'permafrost.js'));
  const finds = (name: string, require = script): boolean =>
    canRequire(require, `@tensorflow/${name}/package.json`);
  const withLibrary = engines.filter(({ manifest }) => manifest.kind !== 'webgpu');
  const hasWasm = [script, ...withLibrary.map(requireOf)].some((each) =>
    finds('tfjs-backend-wasm', each),
  );
  const gpu = has('gpu') || finds('tfjs-node-gpu');
  return [
    ...(gpu ? (['gpu'] as const) : []),
    ...(gpu || has('cpu') || finds('tfjs-node') ? (['node'] as const) : []),
    ...(has('webgpu') ? (['webgpu'] as const) : []),
    ...(hasWasm && canTrainOnWasm(workload) ? (['wasm'] as const) : []),
    'cpu',
  ];
}

async function measure(
  candidates: readonly EngineChoice[],
  request: ProbeRequest,
): Promise<MeasuredChoice | null> {
  const trials: { readonly choice: EngineChoice; readonly trial: Trial }[] = [];
  let limit = LIMIT;
  for (const choice of candidates) {
    const startedAt = performance.now();
    const trial = await tryEngine(choice, request, limit);
    trials.push({ choice, trial });
    const taken = performance.now() - startedAt;
    if ('milliseconds' in trial) limit = Math.min(limit, Math.max(START, PATIENCE * taken));
  }
  const [best] = trials
    .flatMap(({ choice, trial }) => ('milliseconds' in trial ? { choice, ...trial } : []))
    .toSorted((a, b) => a.milliseconds - b.milliseconds);
  if (best === undefined) return null;
  const why = trials.map(({ choice, trial }) =>
    'milliseconds' in trial
      ? `${choice} ${trial.milliseconds.toFixed(1)} ms a step (${trial.device})`
      : `${choice}: ${trial.reason}`,
  );
  return { choice: best.choice, why: `${best.choice} is the fastest here: ${why.join('; ')}` };
}

/** By all that makes the measurement another one. */
function cacheFile(request: ProbeRequest, candidates: readonly EngineChoice[]): string {
  const engines = ENGINE_KINDS.map((kind) => {
    const found = findEngine(kind, request.homes);
    return 'manifest' in found ? [kind, found.manifest.library, found.manifest.createdAt] : kind;
  });
  const machine = [
    process.platform,
    process.arch,
    process.version,
    cpus().map(({ model }) => model),
  ];
  const key = JSON.stringify([machine, engines, candidates, request.workload]);
  const digest = createHash('sha256').update(key).digest('hex').slice(0, 32);
  return join(dirname(userHome(request.env)), 'probes', `${digest}.json`);
}

async function readKept(file: string): Promise<MeasuredChoice | null> {
  try {
    return kept.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return null;
  }
}

async function keep(file: string, measured: MeasuredChoice): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify(measured));
  } catch {
    // Without the cache it is measured again next time.
  }
}
