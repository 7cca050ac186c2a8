/** What the set-up of an engine says. */
import { formatBytes } from '../../runs/words/units';
import type {
  EngineKind,
  InstallDone,
  InstallPlan,
  InstallProgress,
  KindStatus,
} from './engineLines';

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

/** The kinds, what can be used first, each with what this machine has of it. */
export function engineRows(kinds: readonly KindStatus[]): readonly EngineRow[] {
  const best = kinds.find(({ obstacle }) => obstacle === null)?.kind;
  const order = [...kinds].sort(
    (a, b) => Number(a.obstacle !== null) - Number(b.obstacle !== null),
  );
  return order.map(({ kind, installed, obstacle }) => {
    const { title, detail } = KINDS[kind];
    const icon = installed === null ? (obstacle === null ? 'chip' : 'circle-slash') : 'pass';
    const state = installed === null ? '' : `installed: ${installed.library}`;
    const advised = kind === best && installed === null ? 'recommended for this machine' : '';
    return {
      engine: kind,
      label: `$(${icon}) ${title}`,
      description: [state, advised].filter((part) => part !== '').join(', '),
      detail: obstacle ?? detail,
    };
  });
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
      : `${formatBytes(plan.downloadBytes)} will be downloaded from ${SOURCES[plan.source]}`;
  return {
    text: `Set up the engine "${title}"?`,
    detail: `${load}; ${formatBytes(plan.diskBytes)} of disk space must be free. It is installed into ${plan.folder}; your node_modules stay as they are.`,
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
