import type { TensorKind } from '../freeze/tensor';
import type { Faults } from './faults';
import { leafWeights } from './leafLayers';
import type { ModelRegistry } from './modelRegistry';
import { optimizerVariables } from './optimizerVariables';
import { patchInherited, patchMethod, patchSetter } from './patch';
import type { NamedVariable } from './tensorNames';
import type { TrackedModel } from './trackedModel';
import { isBag, isContainer, isLayer, isVariable } from './tfjsTypes';
import type { Bag, TfEngine, TfLayer, TfModel, TfVariable, TfWeight } from './tfjsTypes';

interface Owner {
  readonly weight: TfWeight;
  readonly layer: TfLayer;
  readonly kind: TensorKind;
}

/**
 * Finds the models behind the variables that a step trains. LayersModels that the script compiles
 * are known from there; others (custom loops) are found among all models ever built; what belongs
 * to none is the model `variables`.
 */
export class Discovery {
  private readonly containers = new Set<WeakRef<TfModel>>();
  private readonly seen = new WeakSet<TfModel>();
  private readonly owners = new WeakMap<TfVariable, Owner>();
  private readonly optimizers = new Set<WeakRef<object>>();
  private readonly seenOptimizers = new WeakSet();
  /** Variables that were looked at and belong to no model: an optimizer's own. */
  private readonly ignored = new WeakSet<TfVariable>();
  /** Whether the script loads tfjs-core as a module, so that its optimizers are noticed. */
  private isModular = false;

  constructor(
    private readonly registry: ModelRegistry,
    private readonly faults: Faults,
  ) {}

  attachLayers(layers: Bag): void {
    const namespace = isBag(layers['layers']) ? layers['layers'] : {};
    const base: unknown = namespace['Layer'];
    const layer: unknown = typeof base === 'function' ? base.prototype : undefined;
    patchSetter(layer, 'built', (target) => {
      this.faults.run('noticing models', () => {
        if (isLayer(target) && isContainer(target)) this.noteContainer(target as TfModel);
      });
    });
    const note = (target: unknown, weight: unknown): void => {
      this.faults.run('noticing weights', () => {
        this.noteWeight(target, weight);
      });
    };
    patchInherited(
      layer,
      'addWeight',
      (original) =>
        function (...args) {
          const weight = original.apply(this, args);
          note(this, weight);
          return weight;
        },
    );
  }

  attachCore(core: Bag): void {
    this.isModular = true;
    const train = core['train'];
    if (!isBag(train)) return;
    const note = (optimizer: unknown): void => {
      this.noteOptimizer(optimizer);
    };
    for (const name of Object.getOwnPropertyNames(train)) {
      if (name === 'prototype' || typeof train[name] !== 'function') continue;
      patchMethod(
        train,
        name,
        (original) =>
          function (...args) {
            const optimizer = original.apply(this, args);
            note(optimizer);
            return optimizer;
          },
      );
    }
  }

  /** An optimizer's own variables (moments, powers of beta) are no tensors of a model. */
  noteOptimizer(optimizer: unknown): void {
    if (!isBag(optimizer) || this.seenOptimizers.has(optimizer)) return;
    this.seenOptimizers.add(optimizer);
    this.optimizers.add(new WeakRef(optimizer));
  }

  /** @param variables those of a step; null when the step takes all that are trainable */
  modelsOf(variables: readonly TfVariable[] | null, engine: TfEngine): readonly TrackedModel[] {
    const list = variables ?? Object.values(engine.registeredVariables).filter(isTrainable);
    const unknown = list.filter(
      (variable) => this.registry.watched(variable) === undefined && !this.ignored.has(variable),
    );
    if (unknown.length > 0) this.adopt(unknown, engine, variables !== null);
    for (const variable of unknown) {
      if (this.registry.watched(variable) === undefined) this.ignored.add(variable);
    }
    const models = new Set<TrackedModel>();
    for (const variable of list) {
      const homes = this.registry.watched(variable)?.homes ?? [];
      const [smallest] = homes.toSorted((a, b) => a.model.tensors.length - b.model.tensors.length);
      if (smallest !== undefined) models.add(smallest.model);
    }
    return [...models];
  }

  private noteContainer(container: TfModel): void {
    if (this.seen.has(container)) return;
    this.seen.add(container);
    this.containers.add(new WeakRef(container));
  }

  private noteWeight(layer: unknown, weight: unknown): void {
    if (!isLayer(layer) || !isBag(weight) || !isVariable(weight['val'])) return;
    const made = weight as unknown as TfWeight;
    const kind = layer._nonTrainableWeights.includes(made) ? 'statistic' : 'parameter';
    this.owners.set(made.val, { weight: made, layer, kind });
  }

  private adopt(unknown: readonly TfVariable[], engine: TfEngine, explicit: boolean): void {
    const own = this.ofOptimizers();
    const rest = new Set(unknown.filter((variable) => !own.has(variable)));
    for (const { container, variables } of this.largestFirst()) {
      if (!variables.some((variable) => rest.has(variable))) continue;
      this.registry.register(container);
      for (const variable of variables) rest.delete(variable);
    }
    if (rest.size === 0) return;
    // With a list, the script's other loose variables are still worth showing. In a bundle those
    // without a name are most likely an optimizer's own, which move while all else is frozen.
    const all = explicit
      ? Object.values(engine.registeredVariables).filter(
          (variable) => this.isModular || rest.has(variable) || !isUnnamed(variable),
        )
      : [...rest];
    const held = new Set(this.largestFirst().flatMap(({ variables }) => variables));
    const loose = all.filter(
      (variable) =>
        !own.has(variable) && !held.has(variable) && this.registry.watched(variable) === undefined,
    );
    this.registry.registerVariables(loose.map((variable) => this.nameLoose(variable)));
  }

  private largestFirst(): { container: TfModel; variables: readonly TfVariable[] }[] {
    return [...this.containers]
      .flatMap((reference) => reference.deref() ?? [])
      .filter((container) => this.registry.outermost(container) === container)
      .map((container) => ({
        container,
        variables: leafWeights(container).map(({ weight }) => weight.val),
      }))
      .sort((a, b) => b.variables.length - a.variables.length);
  }

  private ofOptimizers(): ReadonlySet<TfVariable> {
    const optimizers = [...this.optimizers].flatMap((reference) => reference.deref() ?? []);
    return new Set(optimizers.flatMap((optimizer) => optimizerVariables(optimizer)));
  }

  /** tfjs-core names variables without a name by number. */
  private nameLoose(variable: TfVariable): NamedVariable {
    const owner = this.owners.get(variable);
    const name = owner?.weight.originalName ?? variable.name;
    return {
      variable,
      info: {
        name,
        kind: owner?.kind ?? (variable.trainable ? 'parameter' : 'statistic'),
        module: owner === undefined ? '' : name.slice(0, Math.max(0, name.lastIndexOf('/'))),
        type: owner?.layer.getClassName() ?? '',
        dtype: variable.dtype,
        shape: [...variable.shape],
      },
    };
  }
}

/** tfjs-core gives a variable without a name its running number. */
function isUnnamed(variable: TfVariable): boolean {
  return /^\d+$/.test(variable.name);
}

function isTrainable(variable: TfVariable): boolean {
  return variable.trainable;
}
