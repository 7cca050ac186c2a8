import type { Causes } from './causes';
import type { Discovery } from './discovery';
import type { Faults } from './faults';
import type { ModelRegistry } from './modelRegistry';
import { ownerOf, patchMethod, prototypeOf } from './patch';
import { prunedGradients } from './prunedGradients';
import type { Steps } from './steps';
import type { FreshOptimizers } from './freshOptimizers';
import type { WatchedTensor } from './trackedModel';
import { isBag, type Bag, type GradientList, type Method, type NamedGradient } from './tfjsTypes';
import type { TfEngine, TfGradients, TfOptimizer, TfTensor, TfVariable } from './tfjsTypes';

/** What stands for the gradient of a frozen variable; undefined for nothing, not even a null. */
type StandIn = (variable: TfVariable) => TfTensor | null | undefined;

/** tfjs-core's optimizers; each has an `applyGradients` of its own. */
const OPTIMIZER = /Optimizer$/;

/**
 * Freezes where every training step passes: no gradient is computed for a frozen variable (what
 * lies behind frozen layers only is not even differentiated), and no optimizer gets one. Nothing
 * that the script can print changes: `trainable` flags and summaries stay as they are.
 */
export class Freezer {
  /** Whose step `minimize` takes with the gradients now asked for; null when the script asks. */
  private minimizing: 'library' | 'script' | null = null;
  /** Prototypes of tfjs-core's optimizers: their `applyGradients` passes over nulls. */
  private readonly library = new WeakSet();

  constructor(
    private readonly registry: ModelRegistry,
    private readonly discovery: Discovery,
    private readonly steps: Steps,
    private readonly fresh: FreshOptimizers,
    private readonly causes: Causes,
    private readonly faults: Faults,
  ) {}

  attachCore(core: Bag, engine: () => TfEngine): void {
    this.patchMinimize(core, engine);
    this.patchGradients(core, engine);
    for (const name of Object.keys(core).filter((each) => OPTIMIZER.test(each))) {
      this.patchApply(prototypeOf(core, name), engine);
    }
  }

  private patchMinimize(core: Bag, engine: () => TfEngine): void {
    const { steps, discovery } = this;
    const minimizing = (optimizer: unknown, args: readonly unknown[]): readonly unknown[] => {
      this.minimizing = this.isOfLibrary(optimizer) ? 'library' : 'script';
      return this.minimizing === 'library' ? args : this.withoutFrozenThroughout(args);
    };
    patchMethod(
      prototypeOf(core, 'Optimizer'),
      'minimize',
      (original) =>
        function (...args) {
          discovery.noteOptimizer(this);
          return steps.run(engine(), listOf(args[2]), true, () => {
            return original.apply(this, [...minimizing(this, args)]);
          });
        },
    );
  }

  private patchGradients(core: Bag, engine: () => TfEngine): void {
    const { steps } = this;
    const zerosLike = core['zerosLike'] as (tensor: TfTensor) => TfTensor;
    const wrap = (original: Method): Method => {
      const gradients = (target: unknown, args: unknown[]): unknown => {
        const stand = this.standIn(this.minimizing, zerosLike);
        this.minimizing = null;
        const [loss, variables] = [args[0] as () => TfTensor, listOf(args[1])];
        const plain = (): unknown => original.apply(target, args);
        return steps.run(engine(), variables, false, () =>
          this.gradientsOf(plain, engine(), loss, variables, stand),
        );
      };
      return function (...args) {
        return gradients(this, args);
      };
    };
    patchMethod(prototypeOf(core, 'Optimizer'), 'computeGradients', wrap);
    patchMethod(core, 'variableGrads', wrap);
  }

  /** What is the gradient of a frozen variable, for who is going to compute with it. */
  private standIn(
    minimizing: typeof this.minimizing,
    zerosLike: (tensor: TfTensor) => TfTensor,
  ): StandIn {
    if (minimizing === 'library') return () => null;
    if (minimizing === null) return zerosLike;
    return (variable) =>
      isFrozenThroughout(this.registry.watched(variable)) ? undefined : zerosLike(variable);
  }

  /** Whether tfjs-core itself applies the gradients, not a class or a subclass of the script. */
  private isOfLibrary(optimizer: unknown): boolean {
    const owner = ownerOf(optimizer, 'applyGradients');
    return isBag(owner) && this.library.has(owner);
  }

  /**
   * The arguments of `minimize` with a list that leaves out what is frozen in every epoch: an
   * optimizer of the script's own may stumble over a null, and may let a variable decay that has
   * a gradient of zeros.
   */
  private withoutFrozenThroughout(args: readonly unknown[]): readonly unknown[] {
    const kept = listOf(args[2])?.filter(
      (variable) => !isFrozenThroughout(this.registry.watched(variable)),
    );
    if (kept === undefined) return args;
    if (kept.length === 0) {
      // An empty list is an error to tfjs-core: zeros for all, as a script that asks gets them.
      this.minimizing = null;
      return args;
    }
    return args.map((arg, index) => (index === 2 ? kept : arg));
  }

  /**
   * @param stand what the script gets as the gradient of a frozen variable: null as from a
   * variable that is not trainable, zeros when it may compute with them itself, or none at all
   */
  private gradientsOf(
    plain: () => unknown,
    engine: TfEngine,
    loss: () => TfTensor,
    variables: readonly TfVariable[] | null,
    stand: StandIn,
  ): unknown {
    const list = variables ?? Object.values(engine.registeredVariables);
    const managed = this.faults.guard(
      'computing gradients',
      () => list.filter((each) => each.trainable && this.registry.isManaged(each)),
      [],
    );
    if (managed.length === 0) return plain();
    const frozen = new Set(managed.filter((variable) => this.registry.isFrozen(variable)));
    const { value, grads } =
      frozen.size === 0
        ? (plain() as TfGradients)
        : prunedGradients(engine, loss, list, frozen, variables !== null);
    // Optimizers keep their state by position: frozen or not, a variable keeps its place.
    const inOrder: Record<string, TfTensor | null> = {};
    for (const variable of list) {
      const gradient = grads[variable.name];
      const given = frozen.has(variable) ? stand(variable) : gradient;
      if (given !== undefined) inOrder[variable.name] = given;
    }
    return { value, grads: inOrder };
  }

  private patchApply(prototype: Bag | undefined, engine: () => TfEngine): void {
    const { steps, causes } = this;
    if (prototype !== undefined) this.library.add(prototype);
    const split = (optimizer: TfOptimizer, gradients: GradientList): GradientList =>
      this.faults.guard(
        'applying gradients',
        () => this.withoutFrozen(optimizer, gradients, engine()),
        gradients,
      );
    patchMethod(prototype, 'applyGradients', (original) => {
      const apply = causes.during('optimizer', original);
      return function (...args) {
        const gradients = args[0] as GradientList;
        const variables = namesOf(gradients).flatMap(
          (name) => engine().registeredVariables[name] ?? [],
        );
        return steps.run(engine(), variables, true, () =>
          apply.apply(this, [split(this as TfOptimizer, gradients), ...args.slice(1)]),
        );
      };
    });
  }

  /** Null for frozen variables; thawed ones go to an optimizer of their own. */
  private withoutFrozen(
    optimizer: TfOptimizer,
    gradients: GradientList,
    engine: TfEngine,
  ): GradientList {
    if (this.fresh.isClone(optimizer)) return gradients;
    const entries = entriesOf(gradients);
    const thawed: NamedGradient[] = [];
    const withheld = new Set<NamedGradient>();
    const rest = entries.map((entry) => {
      const variable = engine.registeredVariables[entry.name];
      const tensor = variable === undefined ? undefined : this.registry.watched(variable);
      if (tensor === undefined || tensor.spans.length === 0) return entry;
      const isFresh = !tensor.frozen && tensor.thawed !== null && entry.tensor != null;
      if (!tensor.frozen && !isFresh) return entry;
      if (isFresh) thawed.push(entry);
      withheld.add(entry);
      return { name: entry.name, tensor: null };
    });
    if (withheld.size === 0) return gradients;
    const refused = new Set(this.fresh.apply(optimizer, thawed, engine));
    const final = rest.map((entry, index) => {
      const original = entries[index];
      return original !== undefined && refused.has(original) ? original : entry;
    });
    return Array.isArray(gradients)
      ? final
      : Object.fromEntries(final.map(({ name, tensor }) => [name, tensor]));
  }
}

/** Whether the plan freezes it from the first epoch to the last. */
function isFrozenThroughout(tensor: WatchedTensor | undefined): boolean {
  if (tensor?.frozen !== true || tensor.spans.length !== 1) return false;
  return tensor.spans.every(({ from, until }) => from === 1 && until === null);
}

function listOf(value: unknown): readonly TfVariable[] | null {
  return Array.isArray(value) ? (value as TfVariable[]) : null;
}

function isList(gradients: GradientList): gradients is readonly NamedGradient[] {
  return Array.isArray(gradients);
}

function entriesOf(gradients: GradientList): readonly NamedGradient[] {
  if (isList(gradients)) return gradients;
  return Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
}

function namesOf(gradients: GradientList): readonly string[] {
  return isBag(gradients) ? entriesOf(gradients).map(({ name }) => name) : [];
}
