/**
 * What a tick costs among 10,000 tensors with 50 rules: planning a model never seen before and the
 * edit of the config for one module, each against parsing the same model's inspection as JSON, in
 * turn in one process. Prints the median ratios.
 */
import { parseConfig } from '../src/freeze/config';
import { editFreeze } from '../src/freeze/edit';
import { planModel } from '../src/freeze/plan';
import { transformer } from '../test/unit/freeze/models';
import { median } from './median';

const ROUNDS = 15;
const TARGET = 20;

const model = transformer(500);
const inspection = JSON.stringify(model);
const patterns = Array.from({ length: 50 }, (_, at) =>
  at % 2 === 0 ? `encoder.layer.${at * 3}.**` : '**.{query,key}.weight',
);
const text = JSON.stringify({ freeze: patterns }, null, 2);
const rules = parseConfig(text).config?.rules ?? [];
const selection = model.tensors
  .filter(({ name }) => name.startsWith('encoder.layer.77.'))
  .map(({ name }) => ({ model: model.name, name }));

/** Milliseconds that `action` takes on a model of which nothing is known yet. */
function time(action: (fresh: typeof model) => unknown): number {
  const fresh = { ...model };
  const start = performance.now();
  action(fresh);
  return performance.now() - start;
}

const rounds = Array.from({ length: ROUNDS }, () => {
  const parse = time(() => JSON.parse(inspection) as unknown);
  return {
    parse,
    plan: time((fresh) => planModel(rules, fresh)),
    tick: time((fresh) => editFreeze(text, [fresh], selection, true)),
  };
});

for (const what of ['plan', 'tick'] as const) {
  const ratio = median(rounds.map((round) => round[what] / round.parse));
  const own = median(rounds.map((round) => round[what]));
  const parse = median(rounds.map((round) => round.parse));
  console.log(
    `${what}: ratio ${ratio.toFixed(1)} (${own.toFixed(1)} ms against ${parse.toFixed(1)} ms for ` +
      `JSON.parse of the inspection, ${model.tensors.length} tensors, ${rules.length} rules, ` +
      `median of ${ROUNDS}; target ${TARGET})`,
  );
  if (ratio > TARGET) process.exitCode = 1;
}
