import { parseConfig } from '../../freeze/config';
import { checkRules, planModel, type FrozenSpan } from '../../freeze/plan';
import type { Inspection, ModelInfo } from '../inspection';
import { borrow } from './borrow';
import type { ComparedTensor, Comparison, Expectation } from './comparison';
import { ConfigProblems } from './configProblems';

/** What the rules say of the compared models. */
export interface Expectations {
  readonly config: Comparison['config'];
  /** The models, with what the inspection knows of them. */
  readonly models: readonly ModelInfo[];
  /** What is expected of a tensor of `models`: by which rule, and between each two files. */
  of(
    model: ModelInfo,
    tensor: string,
  ): Pick<ComparedTensor, 'rule'> & {
    readonly expected: readonly Expectation[];
  };
}

/**
 * Holds the rules against the compared models. Nothing is asked of copies (EMA): they do not train.
 * @param config its text, and its path for messages; null for a comparison without rules
 * @param epochs after which the files were saved, in the order of time; null where unknown
 * @throws ConfigProblems for a config that is not valid, or a rule that matches nothing
 */
export function expectationsOf(
  config: { readonly file: string; readonly text: string } | null,
  models: readonly ModelInfo[],
  inspection: Inspection | null,
  epochs: readonly (number | null)[],
): Expectations {
  const unknown = epochs.slice(1).map((): Expectation => 'unknown');
  if (config === null) {
    return { config: null, models, of: () => ({ rule: null, expected: unknown }) };
  }
  const { config: parsed, problems } = parseConfig(config.text);
  if (parsed === null) throw new ConfigProblems(config.file, problems);
  const { rules } = parsed;
  const known = borrow(models, inspection);
  const originals = known.models.filter(({ shown }) => shown.copyOf === undefined);
  const dead = checkRules(rules, [...originals.map(({ planned }) => planned), ...known.elsewhere]);
  if (dead.length > 0) throw new ConfigProblems(config.file, dead);
  const plans = new Map(
    originals.map(({ shown, planned }) => [shown, planModel(rules, planned)] as const),
  );
  const windows = epochs.slice(1).map((after, at) => windowOf(epochs[at] ?? null, after));
  const total = (rule: number): number =>
    [...plans.values()].reduce((sum, { matched }) => sum + (matched[rule] ?? 0), 0);
  return {
    config: {
      file: config.file,
      rules: rules.map(({ text }) => text),
      matched: rules.map((_, rule) => total(rule)),
      typesFrom: known.from,
    },
    models: known.models.map(({ shown }) => shown),
    of: (model, tensor) => {
      const plan = plans.get(model);
      if (plan === undefined) return { rule: null, expected: unknown };
      const spans = plan.spans.get(tensor) ?? [];
      const expected = windows.map((window) => expectationIn(window, spans));
      return { rule: spans[0]?.rule ?? null, expected };
    },
  };
}

/** Epochs from 1, both inclusive. */
interface Window {
  readonly from: number;
  readonly until: number;
}

/**
 * The epochs in which training can have gone on between two files. A script that counts from 0
 * means by `a` what another calls `a + 1`, and files do not tell which (Lightning and timm write
 * the index of the epoch, PyTorch's ImageNet example the number of epochs done), so the epoch after
 * `b` is taken in: what differs there is frozen partly, of which nothing is asked.
 */
function windowOf(a: number | null, b: number | null): Window {
  if (a === null || b === null) return { from: 1, until: Infinity };
  return { from: Math.max(1, a + 1), until: Math.max(a, b, 0) + 1 };
}

function expectationIn({ from, until }: Window, spans: readonly FrozenSpan[]): Expectation {
  let frozen = false;
  let reached = from - 1;
  for (const span of spans) {
    const end = Math.min(until, span.until ?? Infinity);
    const start = Math.max(from, span.from);
    if (start > end) continue;
    frozen = true;
    // Spans are in order and do not overlap: the first gap ends the stretch from the beginning.
    if (start === reached + 1) reached = end;
  }
  if (!frozen) return 'trainable';
  return reached >= until ? 'frozen' : 'partly';
}
