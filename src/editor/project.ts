import * as vscode from 'vscode';
import type { ConfigProblem, FreezeConfig } from '../freeze/config';
import {
  checkEffects,
  checkRules,
  everythingFrozen,
  planModel,
  type ModelPlan,
} from '../freeze/plan';
import type { ModelInfo } from '../model/inspection';
import type { ActiveFolder } from './activeFolder';
import type { ConfigDocument } from './config/configDocument';
import { DisposableStore } from './disposables';
import type { ModelSource } from './model/modelSource';

/** The models of the active folder and what its config makes of them. */
export interface ProjectState {
  readonly models: readonly ModelInfo[];
  /** One for each model; by the last config that could be read. */
  readonly plans: readonly ModelPlan[];
  /** Rules that match nothing, do nothing or freeze everything; empty while no model is known. */
  readonly ruleProblems: readonly ConfigProblem[];
}

/**
 * Joins config and inspection: everything that the tree and the Problems panel show is drawn from
 * here.
 */
export class Project implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<{ readonly models: boolean }>());
  /** `models` says that the models themselves changed, not only what the config makes of them. */
  readonly onDidChange = this.#changed.event;
  #state: ProjectState = { models: [], plans: [], ruleProblems: [] };
  #lastValid: FreezeConfig | null = null;
  #configUri: string | undefined;

  constructor(
    readonly folder: ActiveFolder,
    readonly config: ConfigDocument,
    readonly source: ModelSource,
  ) {
    this.#store.add(
      config.onDidChange(() => {
        this.#update(false);
      }),
    );
    this.#store.add(
      source.onDidChange(() => {
        this.#update(true);
      }),
    );
  }

  get state(): ProjectState {
    return this.#state;
  }

  /** The models that train, not the copies of them. */
  get trained(): readonly ModelInfo[] {
    return this.#state.models.filter(({ copyOf }) => copyOf === undefined);
  }

  /** Reads config and inspection. */
  async start(): Promise<void> {
    // It names the checkpoint that stands in for an inspection.
    await this.config.start();
    await this.source.start();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #update(models: boolean): void {
    this.#state = this.#plan();
    this.#changed.fire({ models });
  }

  #plan(): ProjectState {
    const { uri, parsed } = this.config.state;
    const models = this.source.state.inspection?.models ?? [];
    const sameFile = uri?.toString() === this.#configUri;
    this.#configUri = uri?.toString();
    // Half-typed JSON must not make the tree flicker: it keeps showing the last valid plan.
    this.#lastValid = parsed?.config ?? (sameFile && parsed !== null ? this.#lastValid : null);
    const rules = this.#lastValid?.rules ?? [];
    const plans = models.map((model) => planModel(rules, model));
    if (models.length === 0 || (parsed?.config ?? null) === null) {
      return { models, plans, ruleProblems: [] };
    }
    const total = plans.flatMap((plan, index) => {
      const model = models[index];
      if (model === undefined || model.copyOf !== undefined) return [];
      return everythingFrozen(rules, plan, model) ?? [];
    });
    const ruleProblems = [...checkRules(rules, models), ...total, ...checkEffects(rules, models)];
    return { models, plans, ruleProblems };
  }
}
