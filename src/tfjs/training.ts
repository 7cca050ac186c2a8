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

/**
 * The course of training of each model: epochs begin and end here, whatever clock told them, and
 * with them freezing, verification and the events about both.
 */
export class Training {
  /** Told what the verification at the end of each epoch found. */
  verified: (model: TrackedModel, findings: readonly Finding[]) => void = () => undefined;
  private readonly lastProgress = new WeakMap<TrackedModel, number>();

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
  end(model: TrackedModel, clock: Clock, at: 'epoch-end' | 'exit' = 'epoch-end'): void {
    const { open } = model;
    if (open === null) return;
    if (clock !== open.clock) this.retell(model, clock);
    this.ended(model, {});
    this.report(model, this.verifier.verify(model, this.faultSince(open.faultsBefore)), at);
  }

  /** As `end`, for an epoch of `fit`, reading without blocking on an accelerator. */
  async endAsync(model: TrackedModel, metrics: Metrics): Promise<void> {
    const { open } = model;
    if (open === null) return;
    this.ended(model, metrics);
    const measured = await this.verifier.verifyAsync(model, this.faultSince(open.faultsBefore));
    this.report(model, measured, 'epoch-end');
  }

  /** Once more before the process ends, for what came after the last verification. */
  finalCheck(model: TrackedModel): void {
    if (!model.touched || model.epoch === 0) return;
    const byHand = model.open !== null && model.open.clock !== 'fit' && model.open.steps > 0;
    if (byHand) this.end(model, 'exit', 'exit');
    else {
      const fault = this.faultSince(model.open?.faultsBefore ?? this.faults.count);
      this.report(model, this.verifier.verify(model, fault), 'exit');
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

  private report(model: TrackedModel, measured: Measured, at: 'epoch-end' | 'exit'): void {
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
    const { name, epoch } = model;
    this.sink.write({ type: 'verified', model: name, epoch, at, ...measured, normalization });
    if (at === 'epoch-end') this.verified(model, measured.findings);
    const moved = measured.findings.filter(({ verdict }) => verdict === 'moved');
    if (moved.length > 0 && this.gate.config.onMove === 'stop') this.stop(model, moved, at);
  }

  private stop(model: TrackedModel, moved: readonly Finding[], at: 'epoch-end' | 'exit'): void {
    const { name, epoch } = model;
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
