import type { Rule } from '../freeze/config';
import { matchedTensors } from '../freeze/match';
import { frozenSpans } from '../freeze/spans';
import type { TensorInfo } from '../model/inspection';
import { nameTensors, type NamedVariable } from './tensorNames';
import { TrackedModel, isDisposed, isManaged, type WatchedTensor } from './trackedModel';
import type { TfModel, TfVariable } from './tfjsTypes';

/**
 * The models of this process and the variables that they hold. A variable that several models
 * share (a discriminator alone and inside the combined model) is one watched tensor: a rule that
 * matches it under any of its names counts, and the last rule that applies decides.
 */
export class ModelRegistry {
  readonly models: TrackedModel[] = [];
  private readonly bySource = new WeakMap<TfModel, TrackedModel>();
  private readonly watchedByVariable = new WeakMap<TfVariable, WatchedTensor>();
  private readonly outerBySequentialModel = new WeakMap<TfModel, TfModel>();
  private loose: TrackedModel | null = null;

  constructor(private readonly rules: readonly Rule[]) {}

  /** Notes that a `Sequential` wraps `inner`, so that only the `Sequential` is shown. */
  wrap(inner: TfModel, outer: TfModel): void {
    this.outerBySequentialModel.set(inner, outer);
  }

  /** The model that the script knows: the `Sequential` for the `LayersModel` inside it. */
  outermost(model: TfModel): TfModel {
    return this.outerBySequentialModel.get(model) ?? model;
  }

  /** The model of a LayersModel, registered when new and looked at again when its layers changed. */
  register(source: TfModel): TrackedModel {
    const outer = this.outermost(source);
    let model = this.bySource.get(outer);
    if (model === undefined) {
      model = new TrackedModel(this.freeName(outer.name), outer.name, outer.getClassName(), outer);
      this.bySource.set(outer, model);
      this.models.push(model);
    }
    this.describe(model, this.likeAnEarlierOne(model, nameTensors(outer)));
    return model;
  }

  /** As `register`, but takes a model that is known as it is. */
  of(source: TfModel): TrackedModel {
    return this.bySource.get(this.outermost(source)) ?? this.register(source);
  }

  /** The model called `variables`: what no LayersModel holds, by the names that tfjs-core knows. */
  registerVariables(variables: readonly NamedVariable[]): TrackedModel {
    if (this.loose === null) {
      this.loose = new TrackedModel(this.freeName('variables'), 'variables', '', null);
      this.models.push(this.loose);
    }
    const known = this.loose.tensors.filter(({ tensor }) => !isDisposed(tensor));
    const all = known.map(({ info, tensor }) => ({ info, variable: tensor.variable }));
    this.describe(this.loose, [...all, ...variables]);
    return this.loose;
  }

  watched(variable: TfVariable): WatchedTensor | undefined {
    return this.watchedByVariable.get(variable);
  }

  isFrozen(variable: TfVariable): boolean {
    return this.watchedByVariable.get(variable)?.frozen === true;
  }

  isManaged(variable: TfVariable): boolean {
    return isManaged(this.watchedByVariable.get(variable));
  }

  /** The models that hold any of the tensors of `model`, itself included. */
  sharing(model: TrackedModel): ReadonlySet<TrackedModel> {
    const sharing = new Set([model]);
    for (const { tensor } of model.tensors) {
      for (const home of tensor.homes) sharing.add(home.model);
    }
    return sharing;
  }

  private freeName(name: string): string {
    const taken = new Set(this.models.map((model) => model.name));
    let candidate = name;
    for (let number = 2; taken.has(candidate); number++) candidate = `${name} (${number})`;
    return candidate;
  }

  private describe(model: TrackedModel, named: readonly NamedVariable[]): void {
    const before = model.tensors.map(({ tensor }) => tensor.variable);
    const same =
      before.length === named.length &&
      named.every(({ variable }, index) => before[index] === variable);
    if (same && before.length > 0) return;
    model.prepared = false;
    model.tensors = named.map(({ info, variable }) => ({ info, tensor: this.watch(variable) }));
    this.applyRules(model);
  }

  /**
   * A model made again after one of the same build has trained (k-fold) gets its layers' names from
   * running numbers, so no rule would match: it answers to the earlier one's names as well.
   */
  private likeAnEarlierOne(
    model: TrackedModel,
    named: readonly NamedVariable[],
  ): readonly NamedVariable[] {
    const earlier = this.models.find(
      (each) =>
        each !== model && each.epoch > 0 && each.source !== null && isSameBuild(each, model, named),
    );
    const own = new Set(named.map(({ info }) => info.name));
    return named.map(({ info, variable }, index) => {
      const { name = '' } = earlier?.tensors[index]?.info ?? {};
      const aliases = name === '' || own.has(name) ? info.aliases : [...(info.aliases ?? []), name];
      return { variable, info: aliases === undefined ? info : { ...info, aliases } };
    });
  }

  private watch(variable: TfVariable): WatchedTensor {
    let watched = this.watchedByVariable.get(variable);
    if (watched === undefined) {
      watched = {
        variable,
        homes: [],
        matching: new Set(),
        spans: [],
        frozen: false,
        thawed: null,
        reference: null,
        cause: null,
        rebased: null,
        disposed: false,
      };
      this.watchedByVariable.set(variable, watched);
    }
    return watched;
  }

  private applyRules(model: TrackedModel): void {
    const named = model.named();
    for (const { info, tensor } of model.tensors) addHome(tensor, model, info);
    model.matched = this.rules.map((rule, index) => {
      const matched = matchedTensors(rule, named);
      for (const each of matched) model.tensors[each]?.tensor.matching.add(index);
      return matched.length;
    });
    for (const { tensor } of model.tensors) {
      tensor.spans = frozenSpans(
        this.rules,
        [...tensor.matching].sort((a, b) => a - b),
      );
    }
  }
}

function isSameBuild(
  earlier: TrackedModel,
  model: TrackedModel,
  named: readonly NamedVariable[],
): boolean {
  if (earlier.className !== model.className || earlier.tensors.length !== named.length)
    return false;
  return named.every(({ info, variable }, index) => {
    const there = earlier.tensors[index];
    return (
      there !== undefined && there.tensor.variable !== variable && build(there.info) === build(info)
    );
  });
}

function build({ kind, type, dtype, shape }: TensorInfo): string {
  return [kind, type, dtype, ...shape].join();
}

function addHome(tensor: WatchedTensor, model: TrackedModel, info: TensorInfo): void {
  const known = tensor.homes.findIndex((home) => home.model === model);
  if (known >= 0) tensor.homes.splice(known, 1);
  tensor.homes.push({ model, info });
}
