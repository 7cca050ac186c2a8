import { matchesModel } from '../freeze/match';
import { parseConfig, type ConfigProblem, type FreezeConfig } from '../freeze/config';
import { checkRules, isFrozenAt } from '../freeze/plan';
import type { EventSink } from './eventSink';
import type { Settings } from './settings';
import { warn } from './stderr';
import { endProcess } from './ending';
import type { TrackedModel } from './trackedModel';

const EMPTY: FreezeConfig = { rules: [], onMove: 'report', epochSteps: 100, cache: 'off' };

/** The config of the run, and the refusal to train when it does not fit the models. */
export class ConfigGate {
  readonly config: FreezeConfig;
  private readonly problem: ConfigProblem | null;

  constructor(
    private readonly settings: Settings,
    private readonly sink: EventSink,
  ) {
    const parsed = settings.configText === null ? null : parseConfig(settings.configText);
    this.config = parsed === null ? EMPTY : (parsed.config ?? EMPTY);
    this.problem =
      parsed === null
        ? { ...TOP, text: 'The copy of the config in the run folder cannot be read.', advice: '' }
        : parsed.config === null
          ? (parsed.problems.find(({ severity }) => severity === 'error') ?? null)
          : null;
  }

  /**
   * Ends the process with code 2 when the config is bad, or a rule matches no tensor of any model.
   * A rule for a model that does not exist yet waits: scripts make models one after the other.
   */
  check(models: readonly TrackedModel[]): void {
    if (this.problem !== null) this.refuse(this.problem);
    const named = models.map((model) => model.named());
    for (const problem of checkRules(this.config.rules, named)) {
      const rule = this.config.rules.find(({ place }) => place.offset === problem.offset);
      if (rule !== undefined && !named.some((model) => matchesModel(rule, model))) {
        this.sink.write({
          type: 'message',
          level: 'warning',
          code: 'rule-waits',
          text: `${rule.text} is for a model that the script has not made yet`,
        });
      } else this.refuse(problem);
    }
  }

  /** At the end of the process: says which of the rules that waited never matched a tensor. */
  tellUnmatched(models: readonly TrackedModel[]): void {
    if (!models.some((model) => model.prepared)) return;
    const named = models.map((model) => model.named());
    for (const { text, advice } of checkRules(this.config.rules, named)) {
      this.sink.write({ type: 'message', level: 'error', code: 'rule-unmatched', text, advice });
    }
  }

  /** Ends the process with code 2 when no parameter of any model could ever move. */
  checkAnythingTrains(models: readonly TrackedModel[]): void {
    const trained = models.flatMap((model) => {
      const byScript = model.trainedByScript();
      return model.tensors.filter(({ tensor }) => byScript.has(tensor.variable));
    });
    const frozen = (spans: (typeof trained)[number]['tensor']['spans']): boolean =>
      isFrozenAt(spans, 1) && spans.every(({ until }) => until === null);
    if (trained.length === 0 || !trained.every(({ tensor }) => frozen(tensor.spans))) return;
    // A rule for one model says that there are others: they may train later, and be unknown until then.
    const isForOneModel = trained.some(({ tensor }) =>
      tensor.spans.some(({ rule }) => this.config.rules[rule]?.model !== undefined),
    );
    if (isForOneModel) return;
    const rule = this.config.rules[trained[0]?.tensor.spans[0]?.rule ?? 0];
    this.refuse({
      ...(rule?.place ?? TOP),
      severity: 'error',
      text: 'Every parameter is frozen, so there is nothing to train.',
      advice: 'Thaw what shall train with a rule such as "!head/**" at the end of "freeze".',
    });
  }

  private refuse(problem: ConfigProblem): never {
    const { text, advice, line, column } = problem;
    const file = this.settings.configFile;
    this.sink.write({ type: 'config-error', text, advice, file, line, column });
    this.sink.write({ type: 'stopped', reason: 'config' });
    warn(`${file}:${line}:${column}: ${text} ${advice}`.trim());
    endProcess(this.settings.runDir, 2);
  }
}

const TOP = { line: 1, column: 1, offset: 0, length: 0, severity: 'error' } as const;
