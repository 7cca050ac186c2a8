/** What the set-up of an engine says. */
import type { InstallReport } from '../../engines/install/report';
import type { EngineKind } from '../../engines/manifest';
import type { EngineStatus, MachineStatus } from '../../engines/status';
import { sentence } from '../../runs/words/sentence';
import { formatBytes } from '../../runs/words/units';
import type { InstallDone } from './engineCli';

type Of<T extends InstallReport['type']> = Extract<InstallReport, { readonly type: T }>;
export type InstallPlan = Of<'plan'>;
export type InstallProgress = Of<'progress'>;

/** What a kind is to the user. */
const KINDS: Readonly<Record<EngineKind, { readonly title: string; readonly detail: string }>> = {
  gpu: {
    title: 'NVIDIA GPU (CUDA)',
    detail: 'libtensorflow with CUDA, for @tensorflow/tfjs-node-gpu and "engine": "gpu"',
  },
  webgpu: {
    title: 'Any GPU (WebGPU)',
    detail: 'Dawn, for NVIDIA, AMD, Intel and Apple without CUDA: "engine": "webgpu"',
  },
  cpu: {
    title: 'Fast CPU',
    detail: 'libtensorflow, for @tensorflow/tfjs-node and "engine": "node"',
  },
};

/** The config's `engine` that means a kind. */
export const ENGINE_WORDS = { gpu: 'gpu', webgpu: 'webgpu', cpu: 'node' } as const;

/** A row of the pick. */
export interface EngineRow {
  readonly engine: EngineKind;
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

/** The kinds, what this machine gains most from first, what it cannot have last. */
export function engineRows({ engines, suggested }: MachineStatus): readonly EngineRow[] {
  const rank = ({ kind, state }: EngineStatus): number =>
    kind === suggested ? 0 : state === 'unavailable' ? 2 : 1;
  return [...engines]
    .sort((a, b) => rank(a) - rank(b))
    .map((engine) => ({
      engine: engine.kind,
      label: `$(${ICONS[engine.state]}) ${KINDS[engine.kind].title}`,
      ...stateWords(engine, engine.kind === suggested),
    }));
}

const ICONS = { installed: 'pass', missing: 'chip', unavailable: 'circle-slash' } as const;

function stateWords(
  engine: EngineStatus,
  suggested: boolean,
): Pick<EngineRow, 'description' | 'detail'> {
  const { detail } = KINDS[engine.kind];
  const advised = suggested ? 'recommended for this machine' : '';
  switch (engine.state) {
    case 'installed':
      return { description: `installed: ${engine.library}`, detail };
    case 'missing': {
      // Another reason tells of damage.
      const isPlain = engine.reason.endsWith('is not installed');
      return { description: advised, detail: isPlain ? detail : sentence(engine.reason) };
    }
    case 'unavailable':
      return { description: '', detail: `${sentence(engine.reason)} ${engine.advice}` };
  }
}

/** What is asked before anything is loaded. */
export function planQuestion(plan: InstallPlan): {
  readonly text: string;
  readonly detail: string;
} {
  const { title } = KINDS[plan.kind];
  const load =
    plan.downloadBytes === 0
      ? 'Nothing has to be downloaded'
      : `Up to ${formatBytes(plan.downloadBytes)} will be downloaded from ${SOURCES[plan.source]}`;
  return {
    text: `Set up the engine "${title}"?`,
    detail: `${load}; up to ${formatBytes(plan.diskBytes)} of disk space must be free. It is installed into ${plan.folder}; your node_modules stay as they are.`,
  };
}

const SOURCES: Readonly<Record<InstallPlan['source'], string>> = {
  python: 'npm (TensorFlow itself is taken from your Python environment)',
  pypi: 'PyPI and npm',
  package: 'the servers of TensorFlow and from npm',
  npm: 'npm',
};

/** `Downloading TensorFlow (34% of 260 MB)`. */
export function progressText({ text, done, total }: InstallProgress): string {
  if (total === 0) return text;
  const percent = Math.min(100, Math.floor((100 * done) / total));
  return `${text} (${String(percent)}% of ${formatBytes(total)})`;
}

/** How far an installation is, from 0 to 1: each step counts alike. */
export function shareOf(plan: InstallPlan, { step, done, total }: InstallProgress): number {
  const index = Math.max(0, plan.steps.indexOf(step));
  const within = total === 0 ? 0 : Math.min(1, done / total);
  return (index + within) / Math.max(1, plan.steps.length);
}

/** `TensorFlow 2.21.0 is ready (CPU).` */
export function doneText({ library, device }: Pick<InstallDone, 'library' | 'device'>): string {
  return `${library} is ready${device === '' ? '' : ` (${device})`}.`;
}
