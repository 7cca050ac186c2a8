import { matchedTensors, type RuleConditions } from './match';
import type { NamedModel, NamedTensor } from './tensor';

/** A tensor by the name of its model and its own primary name. */
export interface SelectedTensor {
  readonly model: string;
  readonly name: string;
}

/** All tensors of several models under one numbering from 0, model after model. */
export class TensorSpace {
  readonly models: readonly NamedModel[];
  readonly tensors: readonly NamedTensor[];
  readonly #starts: readonly number[];

  constructor(models: readonly NamedModel[]) {
    this.models = models;
    this.tensors = models.flatMap((model) => model.tensors);
    let start = 0;
    this.#starts = models.map((model) => {
      start += model.tensors.length;
      return start - model.tensors.length;
    });
  }

  /** Number of a model's first tensor. */
  start(model: number): number {
    return this.#starts[model] ?? 0;
  }

  /** The numbers that a rule matches, ascending. */
  matched(rule: RuleConditions): number[] {
    return this.models.flatMap((_, index) => this.matchedIn(index, rule));
  }

  /** The numbers that a rule matches in one model, ascending. */
  matchedIn(index: number, rule: RuleConditions): number[] {
    const model = this.models[index];
    if (!model) return [];
    const start = this.start(index);
    return matchedTensors(rule, model).map((tensor) => start + tensor);
  }

  /** The numbers of a selection, with all statistics of a module whose statistic is in it. */
  select(selection: readonly SelectedTensor[]): ReadonlySet<number> {
    const names = new Map<string, Set<string>>();
    for (const { model, name } of selection) {
      const known = names.get(model) ?? new Set();
      names.set(model, known.add(name));
    }
    const selected = new Set<number>();
    this.models.forEach((model, index) => {
      const wanted = names.get(model.name);
      if (!wanted) return;
      const isWanted = ({ name, aliases }: NamedTensor): boolean =>
        wanted.has(name) || (aliases?.some((alias) => wanted.has(alias)) ?? false);
      const modules = new Set<string>();
      for (const tensor of model.tensors) {
        if (tensor.kind === 'statistic' && tensor.module !== '' && isWanted(tensor)) {
          modules.add(tensor.module);
        }
      }
      model.tensors.forEach((tensor, number) => {
        const sibling = tensor.kind === 'statistic' && modules.has(tensor.module);
        if (sibling || isWanted(tensor)) selected.add(this.start(index) + number);
      });
    });
    return selected;
  }
}
