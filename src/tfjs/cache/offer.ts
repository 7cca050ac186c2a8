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
  /** The latest step alone, and the shortest. */
  latest: number;
  shortest: number;
  /** What part of a step the prefix took right after it. */
  readonly shares: number[];
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
    const times: Times = { begun: 0, steps: [], latest: 0, shortest: Infinity, shares: [] };
    return (...args) => {
      if (this.measured.has(tracked)) return train(...args);
      const now = performance.now();
      if (times.begun > 0 && times.shares.length === 0) times.steps.push(now - times.begun);
      times.begun = now;
      const result = train(...args);
      times.latest = performance.now() - now;
      times.shortest = Math.min(times.shortest, times.latest);
      this.guard(() => {
        this.stepped(model, tracked, times, args[0] as readonly TfTensor[]);
      });
      return result;
    };
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
    const startedAt = performance.now();
    this.engine().tidy(() => {
      const sources = cut.sources.map((at) => data[at] as TfTensor);
      // Read, because some engines only note down what is to be computed.
      for (const feature of cut.features(sources)) feature.dataSync();
    });
    const [step, took] = [times.latest, performance.now() - startedAt];
    times.shares.push(Math.min(1, took / step));
    if (times.shares.length < TIMED) return;
    this.measured.add(tracked);
    // Beside the step itself, an epoch takes what the loop around it takes.
    const whole = Math.min(...times.steps);
    const gain = whole / Math.max(whole - Math.min(...times.shares) * times.shortest, whole / MOST);
    if (gain >= WORTH) this.offer(tracked, cut, gain);
  }
}

/** Short steps become faster for a while, as the engine of JavaScript compiles what they run. */
export function areEnough(steps: readonly number[]): boolean {
  return steps.length >= FEW && (steps.length >= MANY || Math.min(...steps) >= LONG);
}

const FEW = 3;
const MANY = 20;
/** Milliseconds. */
const LONG = 1000;
