/** What computes a run, and what became of its frozen prefix, in words. */
import type { CacheState, MessageState, RunState } from '../state';
import { counted, cutList, formatCount } from './numberWords';
import { sentence } from './sentence';
import { formatBytes } from './units';

export type Engine = NonNullable<RunState['engine']>;

/** How hook and CLI say that an engine is not there, or not whole (`src/engines/manifest.ts`). */
const NOT_THERE =
  /\bengine (?:cpu|gpu|webgpu) is not installed\b|\bpermafrost engine install\b| is gone\b| were installed\b/;
/** Characters of a device that fit the status bar. */
const SHORT_DEVICE = 24;
/** Layers behind which a prefix is cut that a sentence names. */
const NAMED = 3;

/** `TensorFlow.js 4.22.0 with TensorFlow 2.21.0, backend tensorflow (asked for: gpu)`. */
export function engineWords(engine: Engine): string {
  const { framework, version, library, backend, requested, fallback } = engine;
  const below = library === null ? '' : ` with ${library}`;
  const wish = requested === null || fallback !== null ? '' : ` (asked for: ${requested})`;
  return `${FRAMEWORKS[framework] ?? framework} ${version}${below}, backend ${backend}${wish}`;
}

const FRAMEWORKS: Readonly<Record<string, string>> = {
  'tensorflow.js': 'TensorFlow.js',
  pytorch: 'PyTorch',
};

/** `NVIDIA L4`, `SwiftShader (software, WebGPU)`, `CPU, not the gpu that was asked for`. */
export function deviceWords(engine: Engine): string {
  const { device, software } = engine;
  const imitated = software && !device.includes('software') ? ', in software' : '';
  return `${device}${imitated}${instead(engine, ', not the ', ' that was asked for')}`;
}

/** The same for the status bar: `NVIDIA L4`, `CPU instead of gpu`. */
export function shortDevice(engine: Engine): string {
  const [name = ''] = engine.device.split(/ \(|, /);
  const short = name.length > SHORT_DEVICE ? `${name.slice(0, SHORT_DEVICE - 1)}…` : name;
  const imitated = engine.software ? ' (software)' : '';
  return `${short}${imitated}${instead(engine, ' instead of ', '')}`;
}

function instead({ requested, fallback }: Engine, before: string, after: string): string {
  if (fallback === null) return '';
  return `${before}${requested ?? 'engine'}${after}`;
}

/**
 * Why another engine runs than was asked for, as a sentence; null when none does, or a message of
 * the run tells it.
 */
export function untoldFallback({ engine, messages }: RunState): string | null {
  if (engine === null || engine.fallback === null) return null;
  const isTold = messages.some(({ code }) => code === 'engine-fallback');
  return isTold ? null : sentence(engine.fallback);
}

/** What is wrong with the engine of a run, as sentences; null when nothing is. */
export function engineProblem(state: RunState): string | null {
  const fallback = state.engine?.fallback ?? null;
  if (fallback !== null) return sentence(fallback);
  const missing = missingEngine(state);
  return missing === undefined ? null : `${sentence(missing.text)} ${missing.advice ?? ''}`.trim();
}

/** Whether a message or a fall-back says that an engine is to be installed. */
export function asksForEngine(text: string): boolean {
  return NOT_THERE.test(text);
}

/** The last message that says that an engine is to be installed; undefined when none does. */
export function missingEngine({ messages }: RunState): MessageState | undefined {
  return messages.findLast(({ text, advice = '' }) => asksForEngine(`${text} ${advice}`));
}

/** The last cache that would pay but was not asked for; undefined when there is none. */
export function offeredCache({ caches }: RunState): CacheState | undefined {
  return caches.findLast(({ state }) => state === 'offered');
}

/**
 * What became of a frozen prefix: `used from epoch 2: 4 layers up to pool2, 640 samples, 1.5 MB in
 * memory; an epoch is 6.2 times faster`.
 */
export function cacheWords(cache: CacheState): string {
  const { state, epoch, reason } = cache;
  const why = reason ?? 'the reason is not known';
  switch (state) {
    case 'used': {
      const what = [prefixWords(cache), ...storeWords(cache)].join(', ');
      return `used from epoch ${formatCount(epoch)}: ${what}${fasterWords(cache, '; an epoch is')}`;
    }
    case 'ended':
      return `given up in epoch ${formatCount(epoch)}: ${why}`;
    case 'refused':
      return `not used: ${why}`;
    case 'offered':
      return `not asked for${fasterWords(cache, '; with it an epoch would be about')}`;
  }
}

/** The setting with which a frozen prefix is kept where it pays, as it would stand in the config. */
export const CACHE_SETTING = '"cache": "auto"';

/** What an offered cache would do and gain, as sentences. */
export function offerWords(cache: CacheState): string {
  const [stay, their] = cache.layers === 1 ? ['stays', 'its'] : ['stay', 'their'];
  const faster = fasterWords(cache, 'an epoch would be about');
  return [
    `${prefixWords(cache)} ${stay} frozen for the whole run, so ${their} outputs are the same in every epoch.`,
    `Computed once for each sample, they would save time${faster === '' ? '' : `: ${faster}`}.`,
  ].join(' ');
}

/** `4 layers up to pool2`. */
function prefixWords({ layers, cut }: CacheState): string {
  const upTo = cut.length === 0 ? '' : ` up to ${cutList(cut, NAMED, ', ')}`;
  return `${counted(layers, 'layer')}${upTo}`;
}

function storeWords({ samples, bytes, where }: CacheState): readonly string[] {
  const size = bytes === undefined ? [] : [formatBytes(bytes)];
  const place = where === undefined ? '' : where === 'memory' ? ' in memory' : ' on disk';
  return [
    ...(samples === undefined ? [] : [`${formatCount(samples)} samples`]),
    ...size.map((text) => `${text}${place}`),
  ];
}

/** `<before> 6.2 times faster`; empty when the gain is not known. */
function fasterWords({ gain }: CacheState, before: string): string {
  if (gain === undefined || !Number.isFinite(gain)) return '';
  const times = gain < 10 ? gain.toFixed(1) : formatCount(Math.round(gain));
  return `${before} ${times} times faster`;
}
