import type { Causes } from './causes';
import type { Faults } from './faults';
import type { ModelRegistry } from './modelRegistry';
import { patchMethod } from './patch';
import type { Steps } from './steps';
import type { NormalizationMode } from './trackedModel';
import { isBag, type Bag, type TfBatchNormalization } from './tfjsTypes';

/**
 * Holds BatchNormalization in inference mode while its statistics are frozen: TensorFlow.js itself
 * asks only whether the whole model trains (tfjs-layers 4.22, normalization.ts). Also notes how
 * each layer normalised.
 */
export class BatchNormGuard {
  constructor(
    private readonly registry: ModelRegistry,
    private readonly steps: Steps,
    private readonly causes: Causes,
    private readonly faults: Faults,
  ) {}

  /** @param core where tfjs-layers has just registered its classes */
  attach(core: Bag): void {
    const decide = (layer: unknown, kwargs: unknown): boolean =>
      this.faults.guard('BatchNormalization', () => this.decide(layer, kwargs), false);
    patchMethod(batchNormalization(core), 'call', (original) => {
      const call = this.causes.during('batch-norm', original);
      return function (...args) {
        const [inputs, kwargs, ...rest] = args;
        const hold = decide(this, kwargs);
        return call.apply(
          this,
          hold ? [inputs, { ...(kwargs as object), training: false }, ...rest] : args,
        );
      };
    });
  }

  /** Whether the layer is to be held in inference mode in this call. */
  private decide(layer: unknown, kwargs: unknown): boolean {
    const { movingMean, movingVariance } = layer as TfBatchNormalization;
    const wants = isBag(kwargs) && Boolean(kwargs['training']);
    const frozen = [movingMean, movingVariance].some(
      (weight) => weight !== undefined && this.registry.isFrozen(weight.val),
    );
    if (movingMean !== undefined && (wants || this.steps.depth > 0)) {
      this.note(movingMean.val, wants && !frozen ? 'batch' : 'running');
    }
    return wants && frozen;
  }

  private note(variable: Parameters<ModelRegistry['watched']>[0], mode: NormalizationMode): void {
    for (const { model, info } of this.registry.watched(variable)?.homes ?? []) {
      const modes = model.open?.normalization;
      const before = modes?.get(info.module);
      modes?.set(info.module, before === undefined || before === mode ? mode : 'mixed');
    }
  }
}

/** The class is not exported; tfjs-core's registry of serializable classes has it. */
function batchNormalization(core: Bag): unknown {
  const serialization = core['serialization'] as
    { SerializationMap?: { getMap?: () => { classNameMap?: Bag } } } | undefined;
  const entry = serialization?.SerializationMap?.getMap?.().classNameMap?.['BatchNormalization'];
  const type: unknown = Array.isArray(entry) ? (entry as unknown[])[0] : undefined;
  return typeof type === 'function' ? type.prototype : undefined;
}
