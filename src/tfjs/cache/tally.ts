/** What looking up and computing features cost within an epoch. Times in milliseconds. */
interface Counts {
  /** Samples of training steps that were asked for, and found. */
  asked: number;
  hits: number;
  /** Samples computed, of training and validation. */
  computed: number;
  computing: number;
  /** Samples asked for altogether, and what finding them took without computing. */
  lookups: number;
  finding: number;
  /** What training steps took beside that. */
  resting: number;
  steps: number;
  begin: number;
  end: number;
}

const none = (): Counts => ({
  ...{ asked: 0, hits: 0, computed: 0, computing: 0, lookups: 0, finding: 0 },
  ...{ resting: 0, steps: 0, begin: 0, end: 0 },
});

/** The first steps tell nothing: kernels and memory are only being made. */
const WARM_UP = 1;
const ENOUGH = 4;

/** Measures what the cache gains. */
export class Tally {
  private counts = none();
  private perSample: { computed: number; computing: number } = { computed: 0, computing: 0 };
  private early: { computing: number; resting: number }[] = [];

  found(isTraining: boolean, size: number, computed: number, computing: number, all: number): void {
    const { counts } = this;
    if (counts.lookups === 0) counts.begin = performance.now() - all;
    counts.lookups += size;
    counts.computed += computed;
    counts.computing += computing;
    counts.finding += all - computing;
    this.perSample.computed += computed;
    this.perSample.computing += computing;
    if (!isTraining) return;
    counts.asked += size;
    counts.hits += size - computed;
  }

  /** The rest of a step is done. */
  rested(isTraining: boolean, computing: number, resting: number): void {
    const { counts } = this;
    counts.end = performance.now();
    if (!isTraining) return;
    counts.resting += resting;
    counts.steps++;
    if (computing > 0 && this.early.length <= WARM_UP + ENOUGH) {
      this.early.push({ computing, resting });
    }
  }

  /** How many times faster steps get, from the first steps; null while there are too few. */
  estimate(): number | null {
    const told = this.early.slice(WARM_UP);
    if (told.length < ENOUGH) return null;
    const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
    const resting = sum(told.map((each) => each.resting));
    const computing = sum(told.map((each) => each.computing));
    return (computing + resting) / Math.max(resting, 1e-3);
  }

  /** Ends the epoch. @returns what it was; null when nothing was asked for in it */
  close(): Epoch | null {
    const { counts, perSample } = this;
    this.counts = none();
    if (counts.lookups === 0) return null;
    const took = counts.end - counts.begin;
    const each = perSample.computed === 0 ? 0 : perSample.computing / perSample.computed;
    const without = took - counts.finding - counts.computing + each * counts.lookups;
    return {
      asked: counts.asked,
      hits: counts.hits,
      gain: counts.computed > 0 || took <= 0 || each === 0 ? null : without / took,
    };
  }
}

export interface Epoch {
  /** Samples of training steps, and how many of them were there already. */
  readonly asked: number;
  readonly hits: number;
  /** How many times faster than without; null when features were still computed in it. */
  readonly gain: number | null;
}
