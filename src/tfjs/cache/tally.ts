import { areEnough } from './offer';

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
  begin: number;
  end: number;
}

const none = (): Counts => ({
  ...{ asked: 0, hits: 0, computed: 0, computing: 0, lookups: 0, finding: 0 },
  ...{ begin: 0, end: 0 },
});

/** A step that computed features: from its beginning to that of the next, and that alone. */
interface Early {
  readonly whole: number;
  readonly computing: number;
}

/** Measures what the cache gains. */
export class Tally {
  private counts = none();
  private readonly perSample: { computed: number; computing: number } = {
    computed: 0,
    computing: 0,
  };
  private readonly early: Early[] = [];
  private isEstimated = false;
  private latest: { begun: number; computing: number } | null = null;

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
    const begun = performance.now() - all;
    if (this.latest !== null) {
      this.early.push({ whole: begun - this.latest.begun, computing: this.latest.computing });
    }
    this.latest = computing > 0 && !this.isEstimated ? { begun, computing } : null;
  }

  /** The rest of a step is done. */
  rested(): void {
    this.counts.end = performance.now();
  }

  /** How many times faster steps get, from the first steps; null while there are too few. */
  estimate(): number | null {
    const { early } = this;
    if (!areEnough(early.map(({ whole }) => whole))) return null;
    this.isEstimated = true;
    const of = (key: keyof Early): number => Math.min(...early.map((each) => each[key]));
    return of('whole') / Math.max(of('whole') - of('computing'), 1e-3);
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
