import type { Method, TfEngine, TfTensor } from '../tfjsTypes';
import type { TrackedModel } from '../trackedModel';
import type { Cut } from './cut';
import type { GraphModel } from './graph';

/** From this gain on the cache is offered. */
const WORTH = 1.5;
const TIMED = 2;
/** Two measurements alone do not tell a larger gain from this one. */
const MOST = 20;

/** Times of a training without the cache, in milliseconds. */
interface Times {
  /** When the latest step began. */
  begun: number;
  /** From the beginning of a step to that of the next. */
  readonly steps: number[];
  /** Of the prefix alone. */
  readonly prefixes: number[];
}

/**
 * Measures, where the cache is off, what it would gain: the prefix is run alone after two of the
 * first steps, which together costs less than two steps, draws nothing at random and leaves
 * nothing behind.
 */
export class Offer {
  private readonly measured = new WeakSet<TrackedModel>();

  /**
   * @param cutOf where the model could be cut from now on; null when it cannot be
   * @param offer tells of a gain
   */
  constructor(
    private readonly cutOf: (model: GraphModel, tracked: TrackedModel) => Cut | null,
    private readonly offer: (tracked: TrackedModel, cut: Cut, gain: number) => void,
    private readonly guard: (body: () => void) => void,
    private readonly engine: () => TfEngine,
  ) {}

  /** @param train one training step of `model`. @returns the same, timed as long as need be */
  watch(model: GraphModel, tracked: TrackedModel, train: Method): Method {
    if (this.measured.has(tracked)) return train;
    const times: Times = { begun: 0, steps: [], prefixes: [] };
    return (...args) => {
      if (this.measured.has(tracked)) return train(...args);
      const now = this.clock();
      if (times.begun > 0 && times.prefixes.length === 0) times.steps.push(now - times.begun);
      times.begun = now;
      const result = train(...args);
      this.guard(() => {
        this.stepped(model, tracked, times, args[0] as readonly TfTensor[]);
      });
      return result;
    };
  }

  /** Milliseconds: in pure JavaScript those of the processor, whatever else it does meanwhile. */
  private clock(): number {
    return this.engine().backendName === 'cpu' ? process.cpuUsage().user / 1000 : performance.now();
  }

  private stepped(
    model: GraphModel,
    tracked: TrackedModel,
    times: Times,
    data: readonly TfTensor[],
  ): void {
    if (!areEnough(times.steps)) return;
    const cut = this.cutOf(model, tracked);
    if (cut === null || !cut.tensors.every(({ frozen }) => frozen)) {
      this.measured.add(tracked);
      return;
    }
    const startedAt = this.clock();
    this.engine().tidy(() => {
      const sources = cut.sources.map((at) => data[at] as TfTensor);
      // Read, because some engines only note down what is to be computed.
      for (const feature of cut.features(sources)) feature.dataSync();
    });
    times.prefixes.push(this.clock() - startedAt);
    if (times.prefixes.length < TIMED) return;
    this.measured.add(tracked);
    const step = usual(times.steps);
    const gain = step / Math.max(step - Math.min(...times.prefixes), step / MOST);
    if (gain >= WORTH) this.offer(tracked, cut, gain);
  }
}

/** What a step takes once it has become as fast as it gets: the middle of the later half. */
function usual(steps: readonly number[]): number {
  const later = steps.slice(Math.floor(steps.length / 2)).sort((a, b) => a - b);
  return later[Math.floor(later.length / 2)] ?? 0;
}

/** Short steps become faster for a while, as the engine of JavaScript compiles what they run. */
export function areEnough(steps: readonly number[]): boolean {
  return steps.length >= FEW && (steps.length >= MANY || Math.min(...steps) >= LONG);
}

const FEW = 3;
const MANY = 20;
/** Milliseconds. */
const LONG = 1000;
