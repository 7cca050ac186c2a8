import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/freeze/config';
import { applyConfigEdits, editFreeze, type SelectedTensor } from '../../../src/freeze/edit';
import { escapePattern } from '../../../src/freeze/pattern';
import { planModel } from '../../../src/freeze/plan';
import { timeline } from '../../../src/freeze/spans';
import type { NamedModel, NamedTensor } from '../../../src/freeze/tensor';
import { Random, randomModel } from './models';

const CASES = 1500;

/** For each tensor the epochs in which it is frozen, as text. */
function timelines(text: string, models: readonly NamedModel[]): Map<string, string> {
  const rules = parseConfig(text).config?.rules;
  if (!rules) throw new Error(`no config: ${text}`);
  return new Map(
    models.flatMap((model) => {
      const plan = planModel(rules, model);
      return model.tensors.map((tensor): [string, string] => [
        `${model.name} ${tensor.name}`,
        timeline(plan.spans.get(tensor.name) ?? []),
      ]);
    }),
  );
}

function randomPattern(random: Random, tensor: NamedTensor): string {
  const name = escapePattern(tensor.name);
  const module = escapePattern(tensor.module);
  const leaf = tensor.name.split(/[./]/).at(-1) ?? '';
  return random.pick([
    name,
    name,
    `**/${escapePattern(leaf)}`,
    '**',
    module === '' ? name : `${module}/**`,
    module === '' ? name : `${module.replace(/[./].*/, '')}.**`,
    tensor.aliases?.[0] ?? name,
  ]);
}

function randomRule(random: Random, models: readonly NamedModel[]): unknown {
  const model = random.pick(models);
  const pattern = randomPattern(random, random.pick(model.tensors));
  const match = random.chance(0.3) ? `!${pattern}` : pattern;
  if (random.chance(0.5)) return match;
  const from = 1 + random.below(6);
  return {
    match,
    ...(random.chance(0.3) ? { tensors: random.pick(['parameters', 'statistics']) } : {}),
    ...(random.chance(0.2) ? { type: random.pick(['*Batch*', 'Conv2D', 'Dense']) } : {}),
    ...(random.chance(0.2) ? { model: random.pick([model.name, model.className]) } : {}),
    ...(random.chance(0.3) ? { from } : {}),
    ...(random.chance(0.3) ? { until: from + random.below(4) } : {}),
  };
}

function randomText(random: Random, models: readonly NamedModel[]): string {
  const freeze = Array.from({ length: random.below(6) }, () => randomRule(random, models));
  const text = JSON.stringify(
    random.chance(0.9) ? { command: 'node train.js', freeze, onMove: 'stop' } : { onMove: 'stop' },
    null,
    random.pick([0, 2, 4, '\t']),
  );
  return random.chance(0.2) ? text.replaceAll('\n', '\r\n') : text;
}

function randomSelection(random: Random, models: readonly NamedModel[]): SelectedTensor[] {
  const all = models.flatMap((model) =>
    model.tensors.map((tensor) => ({ model: model.name, tensor })),
  );
  const some = random.pick(all);
  const module = random.pick(all).tensor.module.replace(/[./].*/, '');
  const chosen = random.pick([
    () => [some],
    () => all.filter(({ tensor }) => tensor.module.startsWith(module)),
    () => all.filter(({ model, tensor }) => model === some.model && tensor.kind === 'statistic'),
    () => all.filter(({ model }) => model === some.model),
    () => all.filter(() => random.chance(0.4)),
    () => all,
  ])();
  return chosen.map(({ model, tensor }) => ({ model, name: tensor.name }));
}

/** The selection with the siblings of its statistics. */
function expanded(
  selection: readonly SelectedTensor[],
  models: readonly NamedModel[],
): Set<string> {
  const keys = new Set(selection.map(({ model, name }) => `${model} ${name}`));
  for (const model of models) {
    const modules = model.tensors
      .filter((each) => each.kind === 'statistic' && keys.has(`${model.name} ${each.name}`))
      .map((each) => each.module)
      .filter((each) => each !== '');
    for (const { kind, module, name } of model.tensors) {
      if (kind === 'statistic' && modules.includes(module)) keys.add(`${model.name} ${name}`);
    }
  }
  return keys;
}

describe('editFreeze on random models, configs and selections', () => {
  for (let block = 0; block < CASES; block += 100) {
    it(`changes exactly the selection, cases ${block} to ${block + 99}`, () => {
      for (let seed = block; seed < block + 100; seed += 1) check(seed);
    });
  }
});

function check(seed: number): void {
  const random = new Random(seed);
  const separator = random.pick(['.', '/'] as const);
  const models = Array.from({ length: random.pick([1, 1, 2, 3]) }, (_, index) =>
    randomModel(random, `model${index}`, separator),
  );
  const text = randomText(random, models);
  const selection = randomSelection(random, models);
  const freeze = random.chance(0.5);
  const selected = expanded(selection, models);

  const edits = editFreeze(text, models, selection, freeze);
  const edited = applyConfigEdits(text, edits);
  const context = `seed ${seed}\n${text}\n${JSON.stringify(selection)} ${freeze}\n${edited}`;

  const before = timelines(text, models);
  const wanted = new Map(
    [...before].map(([key, epochs]) => [key, selected.has(key) ? (freeze ? '1-' : '') : epochs]),
  );
  expect(timelines(edited, models), context).toEqual(wanted);

  if ([...wanted].every(([key, epochs]) => before.get(key) === epochs)) {
    expect(edits, `nothing to do: ${context}`).toEqual([]);
  }
  expect(editFreeze(edited, models, selection, freeze), `again: ${context}`).toEqual([]);
  checkNothingNeedless(edited, rulesOf(text), wanted, models, context);
  checkUndo(text, edited, models, selection, freeze, before, selected, context);
}

const rulesOf = (text: string): string[] =>
  parseConfig(text).config?.rules.map((rule) => rule.text) ?? [];

/** Each appended rule is needed. */
function checkNothingNeedless(
  edited: string,
  old: readonly string[],
  wanted: Map<string, string>,
  models: readonly NamedModel[],
  context: string,
): void {
  const rules = rulesOf(edited);
  rules.forEach((rule, index) => {
    if (old.includes(rule)) return;
    const others = rules.filter((_, each) => each !== index).join();
    const without = timelines(`{"freeze":[${others}]}`, models);
    expect(without, `needless ${rule}: ${context}`).not.toEqual(wanted);
  });
}

/** Where the selection was all in the other state, the opposite edit gives the text back. */
function checkUndo(
  text: string,
  edited: string,
  models: readonly NamedModel[],
  selection: readonly SelectedTensor[],
  freeze: boolean,
  before: Map<string, string>,
  selected: ReadonlySet<string>,
  context: string,
): void {
  const opposite = [...selected].every((key) => before.get(key) === (freeze ? '' : '1-'));
  const onlyAdded = rulesOf(text).every((rule, index) => rulesOf(edited)[index] === rule);
  if (!opposite || !onlyAdded || !text.includes('"freeze"')) return;
  const undone = applyConfigEdits(edited, editFreeze(edited, models, selection, !freeze));
  expect(undone, `undo: ${context}`).toBe(text);
}
