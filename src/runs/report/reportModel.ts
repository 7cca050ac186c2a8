import { headView } from './reportHead';
import { modelView } from './reportModelView';
import { noteViews } from './reportNotes';
import type { ReportView, RuleView } from './reportView';
import { distinctModels, isAbandoned } from '../reduce/ranks';
import { isOver } from '../reduce/reduce';
import type { RunState } from '../state';
import { visibleText } from '../words/visibleText';

/** A view together with the state that it shows, from which the next one is built. */
export interface BuiltReport {
  readonly state: RunState;
  readonly view: ReportView;
}

/** The report of a run. */
export function buildReport(state: RunState): ReportView {
  return nextReport(null, state).view;
}

/**
 * The report of a run, built on the one before it: what the events did not touch is the same
 * object as before, so that a progress event costs nothing that grows with the model and
 * {@link import('./reportPatch').diffReports} finds the rest by identity.
 */
export function nextReport(before: BuiltReport | null, state: RunState): BuiltReport {
  if (before?.state === state) return before;
  const models = state.models.map((model, index) => {
    const known = before?.state.models[index];
    const view = before?.view.models[index];
    const over = isOver(state) || isAbandoned(state, model);
    if (before === null || known === undefined || view === undefined) {
      return modelView(null, model, over);
    }
    const wasOver = isOver(before.state) || isAbandoned(before.state, known);
    if (known === model && wasOver === over) return view;
    return modelView({ model: known, view, over: wasOver }, model, over);
  });
  const view: ReportView = {
    kind: 'run',
    runId: visibleText(state.id),
    head: keep(before?.view.head, headView(state)),
    rules: keep(before?.view.rules, ruleViews(state)),
    models: keepList(before?.view.models, models),
    notes:
      before !== null &&
      before.state.messages === state.messages &&
      before.state.engine === state.engine &&
      before.state.caches === state.caches &&
      hasRanks(before.state) === hasRanks(state) &&
      before.state.garbledLines === state.garbledLines
        ? before.view.notes
        : noteViews(state),
  };
  return { state, view };
}

function hasRanks({ models }: RunState): boolean {
  return models.some(({ ranks }) => ranks.length > 1);
}

function ruleViews(state: RunState): readonly RuleView[] {
  const seen = state.models.length > 0;
  const frozen = state.rules.map(() => 0);
  const models = distinctModels(state.models);
  for (const model of models) {
    for (const [rule, count] of frozenByRule(model.frozen)) {
      frozen[rule] = (frozen[rule] ?? 0) + count;
    }
  }
  return state.rules.map((text, index) => ({
    text: visibleText(text),
    matched: seen ? models.reduce((sum, { matched }) => sum + (matched[index] ?? 0), 0) : null,
    frozen: seen ? (frozen[index] ?? 0) : null,
  }));
}

type Frozen = RunState['models'][number]['frozen'];

/** The spans of a model never change, and a progress event must not walk 10,000 of them. */
const byRule = new WeakMap<Frozen, ReadonlyMap<number, number>>();

function frozenByRule(frozen: Frozen): ReadonlyMap<number, number> {
  const known = byRule.get(frozen);
  if (known !== undefined) return known;
  const counts = new Map<number, number>();
  for (const spans of Object.values(frozen)) {
    for (const rule of new Set(spans.map((span) => span.rule))) {
      counts.set(rule, (counts.get(rule) ?? 0) + 1);
    }
  }
  byRule.set(frozen, counts);
  return counts;
}

/** `before` when `after` says the same. For small values only. */
function keep<T>(before: T | undefined, after: T): T {
  return before !== undefined && JSON.stringify(before) === JSON.stringify(after) ? before : after;
}

function keepList<T>(before: readonly T[] | undefined, after: readonly T[]): readonly T[] {
  const same = before?.length === after.length && after.every((each, i) => each === before[i]);
  return same ? before : after;
}
