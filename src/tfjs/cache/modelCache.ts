import type { EventOf, Finding } from '../../runs/events';
import type { TfTensor } from '../tfjsTypes';
import type { TrackedModel } from '../trackedModel';
import type { Verifier } from '../verifier';
import type { SampleBatch } from './batches';
import type { Cut } from './cut';
import { dispose, type FeatureTable } from './featureTable';
import { Guard, nameOf } from './guard';
import { Tally } from './tally';

type CacheEvent = EventOf<'cache'>;
/** What an event says beside the model, the epoch and the cut. */
type Told = Pick<CacheEvent, 'state' | 'reason'>;

/** What a model's cache needs of the hook. */
export interface Surroundings {
  readonly mode: 'auto' | 'on';
  readonly verifier: Verifier;
  readonly write: (event: Omit<CacheEvent, 'v' | 't' | 'proc'>) => void;
  /** Bytes of memory that are left for features. */
  readonly left: () => number;
}

/** From this gain on `auto` uses the cache. */
const WORTH = 1.2;
/** Fewer hits than this share, after the first epoch, are no use. */
const FEW = 0.1;
/** So many epochs, where only steps tell them, may pass without one sample coming twice. */
const PATIENCE = 10;

/** `over` may be for good, or until the next training. */
type State = { readonly kind: 'idle' | 'used' | 'trying' | 'over'; readonly forGood?: boolean };

/**
 * The cache of one model: cut where its plan allows, checked at every step, given up with a reason
 * as soon as anything is not as it was. A step that the cache does not serve runs the whole model.
 */
export class ModelCache {
  private cut: Cut | null = null;
  private guard: Guard | null = null;
  /** The epoch at whose beginning the weights were last compared. */
  private comparedIn = 0;
  private state: State = { kind: 'idle' };
  private tally = new Tally();
  private lastTold = '';
  /** Those that the training under way has asked. */
  private readonly tables = new Set<FeatureTable>();
  private epochsWithoutHits = 0;
  /** Estimated from the first steps, until it was measured in a whole epoch. */
  private gain: number | null = null;
  private isMeasured = false;

  constructor(
    private readonly tracked: TrackedModel,
    private readonly needs: Surroundings,
  ) {}

  /** Starts anew with a cut, or without one for a reason. */
  plan(cut: Cut | null, reason: string): void {
    if (this.cut !== null && cut?.model === this.cut.model && cut.signature === this.cut.signature)
      return;
    this.cut = cut;
    this.guard = null;
    this.tally = new Tally();
    this.epochsWithoutHits = 0;
    this.gain = null;
    this.isMeasured = false;
    this.state = { kind: 'idle' };
    if (cut === null) this.tell({ state: 'refused', reason });
  }

  /** The present cut, where one is to be used. */
  get active(): Cut | null {
    return this.state.kind === 'over' ? null : this.cut;
  }

  /** A training begins, whose weights may have changed since the last. */
  begin(): void {
    this.guard = null;
    this.tables.clear();
    if (this.state.kind === 'over' && this.state.forGood !== true) this.state = { kind: 'idle' };
  }

  /** The training is over: tables live as long as the data that they are of. */
  finish(): void {
    this.tables.clear();
  }

  /**
   * Runs a step with the features of a batch.
   * @param batch asks for the samples; not called when the cache is not used
   * @param tableOf the table for features by the weights with a digest
   * @param rest targets and whatever comes behind them
   * @param whole runs the step with the whole model
   */
  step(
    kind: 'train' | 'test',
    batch: () => SampleBatch,
    tableOf: (key: string, cut: Cut) => FeatureTable,
    rest: readonly TfTensor[],
    whole: () => unknown,
  ): unknown {
    const cut = this.ready();
    if (cut === null) return whole();
    const startedAt = performance.now();
    let found;
    let raw;
    try {
      const samples = batch();
      const table = tableOf(`${cut.signature} ${this.guard?.digest ?? ''}`, cut);
      this.tables.add(table);
      found = table.find(samples, cut);
      raw = samples.inputs(cut.raw, null);
      const all = performance.now() - startedAt;
      this.tally.found(kind === 'train', samples.size, found.computed, found.computing, all);
    } catch (error) {
      this.end(
        `computing features failed: ${error instanceof Error ? error.message : String(error)}`,
      );
      return whole();
    }
    try {
      return cut[kind]([...found.features, ...raw.tensors, ...rest]);
    } finally {
      dispose(found.features);
      dispose(raw.made);
      this.tally.rested();
      if (kind === 'train') this.stepped();
    }
  }

  /** What a verification found. */
  verified(findings: readonly Finding[], at: 'epoch-end' | 'exit'): void {
    const { cut, guard } = this;
    if (this.state.kind === 'over' || cut === null || guard === null) return;
    const own = new Map(
      this.tracked.tensors
        .filter(({ tensor }) => cut.tensors.includes(tensor))
        .map(({ info, tensor }) => [info.name, tensor]),
    );
    for (const finding of findings) {
      const tensor = own.get(finding.name);
      // What was loaded before the features were computed is in them.
      if (tensor === undefined || (finding.verdict === 'rebased' && guard.holds(tensor))) continue;
      this.end(`${finding.name} ${WORDS[finding.verdict]}`, finding.verdict !== 'rebased', 1);
      return;
    }
    if (at === 'epoch-end') this.closeEpoch();
  }

  /**
   * Gives up.
   * @param forGood whether it is of no use to try again in the next training
   * @param later from how many epochs after the present one on
   */
  end(reason: string, forGood = true, later = 0): void {
    if (this.state.kind === 'over') return;
    const wasUsed = this.state.kind === 'used';
    this.tell({ state: wasUsed ? 'ended' : 'refused', reason }, later);
    this.state = { kind: 'over', forGood };
    for (const table of this.tables) table.dispose();
    this.tables.clear();
    this.guard = null;
  }

  /** The cut, when everything is as it must be for using it right now. */
  private ready(): Cut | null {
    const { cut } = this;
    if (cut === null || this.state.kind === 'over') return null;
    if (this.guard === null && !cut.tensors.every(({ frozen }) => frozen)) return null;
    const reason = this.guard?.broken() ?? null;
    if (reason !== null) this.end(reason, false);
    else if (this.isWhole(cut)) {
      this.start();
      this.noteNormalization(cut);
    }
    return this.active;
  }

  /** Sets the guard, and compares the bytes of all weights once an epoch. */
  private isWhole(cut: Cut): boolean {
    if (this.guard !== null && this.comparedIn === this.tracked.epoch) return true;
    this.comparedIn = this.tracked.epoch;
    const moved = cut.tensors.find((tensor) => this.needs.verifier.isIntact(tensor) === false);
    if (moved !== undefined) {
      this.end(`${nameOf(moved)} has moved`);
      return false;
    }
    try {
      this.guard ??= new Guard(cut.tensors, this.needs.verifier);
      return true;
    } catch (error) {
      this.end(`the engine does not hand out bytes while it trains: ${(error as Error).message}`);
      return false;
    }
  }

  private start(): void {
    if (this.state.kind !== 'idle') return;
    this.state = { kind: this.needs.mode === 'on' ? 'used' : 'trying' };
    if (this.state.kind === 'used') this.tell({ state: 'used', reason: null });
  }

  /** `auto` decides once it has seen some steps. */
  private stepped(): void {
    if (this.state.kind !== 'trying') return;
    const needed = this.sum(({ expected, rowBytes }) => (expected ?? 0) * (rowBytes ?? 0));
    if (needed > this.needs.left() + this.sum(({ bytes }) => bytes)) {
      this.end(`the features would take ${megabytes(needed)}, more than the memory for them`);
      return;
    }
    const gain = this.tally.estimate();
    if (gain === null) return;
    if (gain < WORTH) this.end(`an epoch would be only ${gain.toFixed(2)} times faster`);
    else {
      this.state = { kind: 'used' };
      this.gain = gain;
      this.tell({ state: 'used', reason: null });
    }
  }

  private closeEpoch(): void {
    const epoch = this.tally.close();
    if (epoch === null) return;
    if (this.state.kind === 'trying') this.state = { kind: 'used' };
    if (epoch.gain !== null && !this.isMeasured) {
      this.gain = epoch.gain;
      this.isMeasured = true;
    }
    this.tell({ state: 'used', reason: null });
    this.epochsWithoutHits = epoch.hits < FEW * epoch.asked ? this.epochsWithoutHits + 1 : 0;
    const patience = this.tracked.rung === 'steps' && !this.tracked.isFitting() ? PATIENCE : 1;
    if (this.epochsWithoutHits <= patience || epoch.asked === 0) return;
    const isFull = [...this.tables].some((table) => table.isFull);
    this.end(
      isFull
        ? 'there is too little room for features'
        : `only ${epoch.hits} of ${epoch.asked} samples of this epoch had come before, so the data are not the same in each epoch`,
      true,
      1,
    );
  }

  private sum(of: (table: FeatureTable) => number): number {
    return [...this.tables].reduce((total, table) => total + of(table), 0);
  }

  /** BatchNorm of the prefix does not run in each epoch, but what it computed is used in each. */
  private noteNormalization(cut: Cut): void {
    const modes = this.tracked.open?.normalization;
    if (modes === undefined) return;
    for (const { homes } of cut.tensors) {
      const info = homes.find(({ model }) => model === this.tracked)?.info;
      if (info?.type !== 'BatchNormalization' || info.kind !== 'statistic') continue;
      if (!modes.has(info.module)) modes.set(info.module, 'running');
    }
  }

  private tell({ state, reason }: Told, later = 0): void {
    const { cut, gain } = this;
    const isOnDisk = [...this.tables].some(({ where }) => where === 'disk');
    const event = {
      type: 'cache' as const,
      model: this.tracked.name,
      epoch: Math.max(1, this.tracked.epoch + later),
      state,
      layers: cut?.prefix.layers.length ?? 0,
      cut: cut?.prefix.features.map(({ sourceLayer }) => sourceLayer.name) ?? [],
      reason,
      ...(this.tables.size > 0 && {
        samples: this.sum(({ samples }) => samples),
        bytes: this.sum(({ bytes }) => bytes),
        where: isOnDisk ? ('disk' as const) : ('memory' as const),
      }),
      ...(gain !== null && state === 'used' && { gain: Math.round(gain * 100) / 100 }),
    };
    const { epoch, ...lasting } = event;
    const told = JSON.stringify(lasting);
    if (told === this.lastTold) return;
    this.lastTold = told;
    this.needs.write({ ...lasting, epoch });
  }
}

const WORDS = {
  moved: 'has moved',
  rebased: 'was set anew by the script',
  replaced: 'was replaced by another tensor',
  missing: 'is missing',
  'not verified': 'could not be verified',
} as const;

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
