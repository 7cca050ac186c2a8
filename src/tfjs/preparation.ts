import type { ConfigGate } from './configGate';
import { endProcess } from './ending';
import type { EventSink } from './eventSink';
import type { EventBody } from '../runs/events';
import { writeInspection } from './inspectionFile';
import type { ModelRegistry } from './modelRegistry';
import type { Settings } from './settings';
import type { TrackedModel } from './trackedModel';
import type { Verifier } from './verifier';

/** Milliseconds after the last compile before an inspection gives up waiting for training. */
const PATIENCE = 2000;

/** What happens once, when models are about to train for the first time. */
export class Preparation {
  private engineTold = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly registry: ModelRegistry,
    private readonly gate: ConfigGate,
    private readonly verifier: Verifier,
    private readonly sink: EventSink,
    private readonly describeEngine: () => EventBody,
  ) {}

  /** A model was compiled: an inspection has something to show from here on. */
  compiled(): void {
    if (this.settings.mode !== 'inspect') return;
    this.inspect();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.leave();
    }, PATIENCE);
    this.timer.unref();
  }

  /**
   * Announces the models that are new, after checking that the config fits. In an inspection, and
   * when the config does not fit, the process ends here, before training.
   */
  prepare(models: readonly TrackedModel[]): void {
    const fresh = models.filter((model) => !model.prepared);
    if (fresh.length === 0) return;
    if (this.settings.mode === 'inspect') this.leave();
    for (const model of this.registry.models) {
      if (model.open === null) this.verifier.forget(model);
    }
    const first = !this.engineTold;
    if (first) this.gate.check(this.registry.models);
    this.gate.checkAnythingTrains(this.registry.models);
    if (first) this.sink.write(this.describeEngine());
    this.engineTold = true;
    for (const model of fresh) this.announce(model);
    if (first) this.inspect();
  }

  private leave(): never {
    this.inspect();
    this.sink.write({ type: 'stopped', reason: 'inspected' });
    endProcess(this.settings.runDir, 0);
  }

  private inspect(): void {
    const { inspection, command } = this.settings;
    if (inspection !== null) writeInspection(inspection, command, this.registry.models);
  }

  private announce(model: TrackedModel): void {
    model.prepared = true;
    const trained = model.trainedByScript();
    const counts = model.tensors
      .filter(({ tensor }) => trained.has(tensor.variable))
      .map(({ tensor: { variable, spans } }) => ({
        size: variable.size,
        frozen: spans.some(({ from }) => from <= model.epoch + 1),
      }));
    const sum = (sizes: readonly number[]): number => sizes.reduce((a, b) => a + b, 0);
    this.sink.write({
      type: 'model',
      model: model.name,
      className: model.className,
      tensors: model.tensors.map(({ info }) => ({
        ...info,
        aliases: [...(info.aliases ?? [])],
        shape: [...info.shape],
      })),
      frozen: Object.fromEntries(
        model.tensors
          .filter(({ tensor }) => tensor.spans.length > 0)
          .map(({ info, tensor }) => [info.name, tensor.spans.map((span) => ({ ...span }))]),
      ),
      matched: [...model.matched],
      trainableBefore: sum(counts.map(({ size }) => size)),
      trainableAfter: sum(counts.filter(({ frozen }) => !frozen).map(({ size }) => size)),
    });
    this.warnUntouched(model);
  }

  /** A model that no rule reaches trains entirely: fine when meant, dangerous when not. */
  private warnUntouched(model: TrackedModel): void {
    if (model.matched.length === 0 || model.matched.some((count) => count > 0)) return;
    const speaksOfModels = this.gate.config.rules.some((rule) => rule.model !== undefined);
    this.sink.write({
      type: 'message',
      level: speaksOfModels || model.source === null ? 'info' : 'warning',
      code: 'nothing-matched',
      text: `No rule matches a tensor of the model ${model.name}, so all of it trains`,
    });
  }
}
