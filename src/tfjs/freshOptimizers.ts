import type { EventSink } from './eventSink';
import type { ModelRegistry } from './modelRegistry';
import { isBag, isTensor, type NamedGradient, type TfEngine, type TfOptimizer } from './tfjsTypes';

/** Follow the script's optimizer, except how many steps a clone itself has done. */
const OWN = 'iterations_';
/** Scalars that hold a setting, not state: `-learningRate` and the momentum (sgd, momentum). */
const SETTINGS = ['c', 'm'];

/**
 * A thawed weight starts as in a new training: from empty moments and an Adam bias correction at
 * its first step, not from what the optimizer gathered while it was frozen. Weights thawed in the
 * same epoch share a clone of the script's optimizer, which follows its learning rate.
 */
export class FreshOptimizers {
  private readonly clones = new WeakMap<TfOptimizer, Map<string, TfOptimizer | null>>();
  private readonly own = new WeakSet<TfOptimizer>();

  constructor(
    private readonly registry: ModelRegistry,
    private readonly sink: EventSink,
  ) {}

  /**
   * Applies gradients of thawed weights.
   * @returns those that the script's own optimizer must apply, because it has no state or cannot
   * be cloned
   */
  apply(
    optimizer: TfOptimizer,
    thawed: readonly NamedGradient[],
    engine: TfEngine,
  ): readonly NamedGradient[] {
    const groups = new Map<string, NamedGradient[]>();
    for (const gradient of thawed) {
      const variable = engine.registeredVariables[gradient.name];
      const group = (variable && this.registry.watched(variable)?.thawed) ?? '';
      groups.set(group, [...(groups.get(group) ?? []), gradient]);
    }
    return [...groups].flatMap(([group, gradients]) => {
      const clone = this.cloneFor(optimizer, group);
      if (clone === null) return gradients;
      follow(clone, optimizer);
      clone.applyGradients(gradients);
      return [];
    });
  }

  /** Whether the optimizer is a clone made here, which applies whatever it gets. */
  isClone(optimizer: TfOptimizer): boolean {
    return this.own.has(optimizer);
  }

  private cloneFor(optimizer: TfOptimizer, group: string): TfOptimizer | null {
    const known = this.clones.get(optimizer) ?? new Map<string, TfOptimizer | null>();
    this.clones.set(optimizer, known);
    let clone = known.get(group);
    if (clone === undefined) {
      clone = optimizer.getClassName?.() === 'SGD' ? null : this.clone(optimizer);
      known.set(group, clone);
    }
    return clone;
  }

  private clone(optimizer: TfOptimizer): TfOptimizer | null {
    try {
      const type = optimizer.constructor as {
        fromConfig(type: unknown, config: unknown): TfOptimizer;
      };
      const clone = type.fromConfig(type, optimizer.getConfig?.());
      this.own.add(clone);
      return clone;
    } catch (error) {
      this.sink.write({
        type: 'message',
        level: 'warning',
        code: 'thawed-state',
        text:
          'A thawed tensor could not be given fresh optimizer state, because the optimizer ' +
          `cannot be cloned: ${(error as Error).message}`,
      });
      return null;
    }
  }
}

function follow(clone: TfOptimizer, optimizer: TfOptimizer): void {
  if (!isBag(clone) || !isBag(optimizer)) return;
  for (const [key, value] of Object.entries(optimizer)) {
    const isSetting = typeof value === 'number' && key !== OWN;
    if (isSetting || (SETTINGS.includes(key) && isTensor(value))) clone[key] = value;
  }
}
