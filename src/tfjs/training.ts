import { isFrozenAt } from '../freeze/plan';
import type { EventOf, Finding } from '../runs/events';
import type { ConfigGate } from './configGate';
import { toDelta } from './compareBytes';
import { endProcess } from './ending';
import type { EventSink } from './eventSink';
import type { Faults } from './faults';
import type { Settings } from './settings';
import { warn } from './stderr';
import type { Clock, TrackedModel, WatchedTensor } from './trackedModel';
import type { Measured, Verifier } from './verifier';

type Metrics = EventOf<'epoch-ended'>['metrics'];

/** Milliseconds between two progress events of one model. */
const PROGRESS_EVERY = 250;

/** What an epoch begins with. */
export interface EpochStart {
  readonly epoch: number;
  readonly epochs: number | null;
  readonly clock: Clock;
  readonly batches: number | null;
}

/** An epoch that is over, as far as its report needs it. */
interface ClosedEpoch {
  readonly model: TrackedModel;
  readonly epoch: number;
  readonly normalization: EventOf<'verified'>['normalization'];
}

/**
 * The course of training of each model: epochs begin and end here, whatever clock told them, and
 * with them freezing, verification and the events about both.
 */
export class Training {
  /** Told what each verification found. */
  verified: (model: TrackedModel, findings: readonly Finding[], at: 'epoch-end' | 'exit') => void =
    () => undefined;
  private readonly lastProgress = new WeakMap<TrackedModel, number>();
  /** Epochs that wait for an accelerator to tell how they ended. */
  private readonly pending = new Set<ClosedEpoch>();

  constructor(
    private readonly settings: Settings,
    private readonly gate: ConfigGate,
    private readonly sink: EventSink,
    private readonly verifier: Verifier,
    private readonly faults: Faults,
  ) {}

  begin(model: TrackedModel, start: EpochStart): void {
    for (const tensor of freezing(model, start.epoch)) this.verifier.rebase(tensor);
    this.started(model, start);
  }

  /** As `begin`, reading references without blocking on an accelerator. */
  async beginAsync(model: TrackedModel, start: EpochStart): Promise<void> {
    for (const tensor of freezing(model, start.epoch)) await this.verifier.rebaseAsync(tensor);
    this.started(model, start);
  }

  private started(model: TrackedModel, { epoch, epochs, clock, batches }: EpochStart): void {
    const { name, epoch: previous } = model;
    model.epoch = epoch;
    applyPlan(model, epoch);
    this.verifier.watchTrainable(model);
    model.open = {
      clock,
      batches,
      startedAt: performance.now(),
      faultsBefore: this.faults.count,
      steps: 0,
      normalization: new Map(),
    };
    this.sink.write({ type: 'epoch-started', model: name, epoch, previous, epochs, clock });
  }

  /** One optimizer step of `model` is done. */
  step(model: TrackedModel): void {
    const { open } = model;
    if (open === null) return;
    open.steps++;
    model.touched = true;
    const now = performance.now();
    if (now - (this.lastProgress.get(model) ?? -Infinity) < PROGRESS_EVERY) return;
    this.lastProgress.set(model, now);
    this.sink.write({
      type: 'progress',
      model: model.name,
      epoch: model.epoch,
      batch: open.steps,
      batches: open.batches,
    });
  }

  /** Ends the epoch that `model` is in; `clock` is what told its end. */
  end(model: TrackedModel, clock: Clock): void {
    const { open } = model;
    if (open === null) return;
    if (clock !== open.clock) this.retell(model, clock);
    this.ended(model, {});
    this.check(model, this.faultSince(open.faultsBefore), 'epoch-end', true);
  }

  /** As `end`, for an epoch of `fit`, reading without blocking on an accelerator. */
  async endAsync(model: TrackedModel, metrics: Metrics): Promise<void> {
    const { open } = model;
    if (open === null) return;
    this.ended(model, metrics);
    const measured = await this.verifier.verifyAsync(model, this.faultSince(open.faultsBefore));
    this.report(this.close(model), measured, 'epoch-end');
  }

  /**
   * Once more before the process ends, for what came after the last verification and for an epoch
   * that has begun.
   * @param canWait whether the process can still wait for an accelerator; only models that need
   * it are checked then, the others later
   */
  finalCheck(model: TrackedModel, canWait: boolean): void {
    const { open } = model;
    if ((!model.touched && open === null) || model.epoch === 0) return;
    if (canWait && !this.verifier.mustWait(model)) return;
    if (open !== null && open.clock !== 'fit' && open.steps > 0) {
      if (open.clock !== 'exit') this.retell(model, 'exit');
      this.ended(model, {});
    }
    this.check(model, this.faultSince(open?.faultsBefore ?? this.faults.count), 'exit', canWait);
  }

  /**
   * Verifies what `model` is now. A script's own loop does not wait: where only waiting tells, the
   * report comes later, about now.
   */
  private check(
    model: TrackedModel,
    fault: string | null,
    at: 'epoch-end' | 'exit',
    canWait: boolean,
  ): void {
    if (!canWait || !this.verifier.mustWait(model)) {
      const measured = this.verifier.verify(model, fault);
      this.report(this.close(model), measured, at);
      return;
    }
    const measured = this.verifier.verifyAsync(model, fault);
    const closed = this.close(model);
    this.pending.add(closed);
    void this.faults.guardAsync('the end of an epoch', async () => {
      this.report(closed, await measured, at);
    });
  }

  /** The process ends while an accelerator still works: what it would tell is not verified. */
  giveUpWaiting(): void {
    for (const closed of this.pending) {
      const { model } = closed;
      this.report(closed, this.verifier.verify(model, null), 'exit');
    }
  }

  private ended(model: TrackedModel, metrics: Metrics): void {
    const milliseconds = performance.now() - (model.open?.startedAt ?? 0);
    const { name, epoch } = model;
    this.sink.write({ type: 'epoch-ended', model: name, epoch, metrics, milliseconds });
  }

  private retell(model: TrackedModel, clock: Clock): void {
    const { name, epoch } = model;
    this.sink.write({ type: 'epoch-started', model: name, epoch, epochs: null, clock });
  }

  private faultSince(before: number): string | null {
    return this.faults.count > before ? this.faults.latest : null;
  }

  /** Nothing more belongs to the epoch that `model` is in. */
  private close(model: TrackedModel): ClosedEpoch {
    const held = model.tensors.filter(
      ({ info, tensor }) => info.kind === 'statistic' && tensor.frozen,
    );
    const frozen = new Set(held.map(({ info }) => info.module));
    const normalization = [...(model.open?.normalization ?? [])].map(([module, mode]) => ({
      module,
      mode,
      frozen: frozen.has(module),
    }));
    model.open = null;
    model.touched = false;
    return { model, epoch: model.epoch, normalization };
  }

  private report(closed: ClosedEpoch, measured: Measured, at: 'epoch-end' | 'exit'): void {
    const { model, epoch, normalization } = closed;
    const { name } = model;
    this.pending.delete(closed);
    this.sink.write({ type: 'verified', model: name, epoch, at, ...measured, normalization });
    this.verified(model, measured.findings, at);
    const moved = measured.findings.filter(({ verdict }) => verdict === 'moved');
    if (moved.length > 0 && this.gate.config.onMove === 'stop') this.stop(closed, moved, at);
  }

  private stop(
    { model: { name }, epoch }: ClosedEpoch,
    moved: readonly Finding[],
    at: 'epoch-end' | 'exit',
  ): void {
    this.sink.write({ type: 'stopped', reason: 'moved', model: name, epoch });
    const more = moved.length > 1 ? ` and ${moved.length - 1} more` : '';
    warn(
      `${name}: frozen tensor ${moved[0]?.name ?? ''}${more} moved in epoch ${epoch}; training stopped`,
    );
    // Within 'exit' the process already ends; its own failure is worth more than ours.
    if (at === 'exit') process.exitCode = process.exitCode === 0 ? 3 : (process.exitCode ?? 3);
    else endProcess(this.settings.runDir, 3);
  }
}

/** The tensors that the plan freezes in `epoch` and that are not frozen yet. */
function freezing(model: TrackedModel, epoch: number): readonly WatchedTensor[] {
  return model.tensors
    .map(({ tensor }) => tensor)
    .filter((tensor) => !tensor.frozen && isFrozenAt(tensor.spans, epoch));
}

function applyPlan(model: TrackedModel, epoch: number): void {
  for (const { tensor } of model.tensors) {
    const freeze = isFrozenAt(tensor.spans, epoch);
    if (freeze === tensor.frozen) continue;
    tensor.frozen = freeze;
    tensor.cause = null;
    tensor.rebased = null;
    if (!freeze) tensor.thawed = `${model.name} ${epoch}`;
  }
}

/** The numbers among the logs of an epoch, as events write them. */
export function toMetrics(values: readonly (readonly [string, unknown])[]): Metrics {
  const metrics: Metrics = {};
  for (const [key, value] of values) {
    if (typeof value === 'number') metrics[key] = toDelta(value);
  }
  return metrics;
}
