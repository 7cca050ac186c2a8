import type { Causes } from './causes';
import type { Discovery } from './discovery';
import type { Faults } from './faults';
import type { ModelRegistry } from './modelRegistry';
import { patchMethod, prototypeOf } from './patch';
import { prunedGradients } from './prunedGradients';
import type { Steps } from './steps';
import type { FreshOptimizers } from './freshOptimizers';
import { isBag, type Bag, type GradientList, type Method, type NamedGradient } from './tfjsTypes';
import type { TfEngine, TfGradients, TfOptimizer, TfTensor, TfVariable } from './tfjsTypes';

/** tfjs-core's optimizers; each has an `applyGradients` of its own. */
const OPTIMIZER = /Optimizer$/;

/**
 * Freezes where every training step passes: no gradient is computed for a frozen variable (what
 * lies behind frozen layers only is not even differentiated), and no optimizer gets one. Nothing
 * that the script can print changes: `trainable` flags and summaries stay as they are.
 */
export class Freezer {
  /** Whether the gradients now asked for go straight into `minimize`'s own step. */
  private minimizing = false;

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
    const minimizing = (): void => {
      this.minimizing = true;
    };
    patchMethod(
      prototypeOf(core, 'Optimizer'),
      'minimize',
      (original) =>
        function (...args) {
          discovery.noteOptimizer(this);
          return steps.run(engine(), listOf(args[2]), true, () => {
            minimizing();
            return original.apply(this, args);
          });
        },
    );
  }

  private patchGradients(core: Bag, engine: () => TfEngine): void {
    const { steps } = this;
    const zerosLike = core['zerosLike'] as (tensor: TfTensor) => TfTensor;
    const wrap = (original: Method): Method => {
      const gradients = (target: unknown, args: unknown[]): unknown => {
        const forStep = this.minimizing;
        this.minimizing = false;
        const [loss, variables] = [args[0] as () => TfTensor, listOf(args[1])];
        const plain = (): unknown => original.apply(target, args);
        return steps.run(engine(), variables, false, () =>
          this.gradientsOf(plain, engine(), loss, variables, forStep ? () => null : zerosLike),
        );
      };
      return function (...args) {
        return gradients(this, args);
      };
    };
    patchMethod(prototypeOf(core, 'Optimizer'), 'computeGradients', wrap);
    patchMethod(core, 'variableGrads', wrap);
  }

  /**
   * @param stand what the script gets as the gradient of a frozen variable: null as from a
   * variable that is not trainable, or zeros when it may compute with them itself
   */
  private gradientsOf(
    plain: () => unknown,
    engine: TfEngine,
    loss: () => TfTensor,
    variables: readonly TfVariable[] | null,
    stand: (variable: TfVariable) => TfTensor | null,
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
      if (frozen.has(variable)) inOrder[variable.name] = stand(variable);
      else if (gradient !== undefined) inOrder[variable.name] = gradient;
    }
    return { value, grads: inOrder };
  }

  private patchApply(prototype: Bag | undefined, engine: () => TfEngine): void {
    const { steps, causes } = this;
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
