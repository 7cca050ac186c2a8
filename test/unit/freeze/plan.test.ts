import { describe, expect, it } from 'vitest';
import { parseConfig, type Rule } from '../../../src/freeze/config';
import {
  checkEffects,
  checkRules,
  everythingFrozen,
  isFrozenAt,
  planModel,
} from '../../../src/freeze/plan';
import type { NamedModel } from '../../../src/freeze/tensor';
import { digits, model } from './models';
import { readVectors } from './vectors';

interface PlanCase {
  readonly name: string;
  readonly models: readonly string[];
  readonly freeze: readonly unknown[];
  readonly plans: readonly {
    readonly spans: Readonly<Record<string, readonly (readonly [number, number | null, number])[]>>;
    readonly matched: readonly number[];
  }[];
  readonly dead: readonly number[];
  readonly ineffective: readonly number[];
  readonly everythingFrozen: readonly boolean[];
}

const vectors = readVectors('plan') as {
  readonly models: Readonly<Record<string, NamedModel>>;
  readonly cases: readonly PlanCase[];
};

function rulesOf(freeze: readonly unknown[]): readonly Rule[] {
  const { config, problems } = parseConfig(JSON.stringify({ freeze }));
  expect(problems).toEqual([]);
  return config?.rules ?? [];
}

describe('plan vectors', () => {
  it.each(vectors.cases)('$name', (vector) => {
    const rules = rulesOf(vector.freeze);
    const models = vector.models.flatMap((name) => vectors.models[name] ?? []);
    const plans = models.map((each) => planModel(rules, each));
    expect(
      plans.map(({ spans, matched }) => ({
        spans: Object.fromEntries(
          [...spans].map(([name, each]) => [name, each.map((s) => [s.from, s.until, s.rule])]),
        ),
        matched,
      })),
    ).toEqual(vector.plans);
    const indices = (problems: readonly { readonly offset: number }[]) =>
      problems.map(({ offset }) => rules.findIndex((rule) => rule.place.offset === offset));
    expect(indices(checkRules(rules, models)), 'dead').toEqual(vector.dead);
    expect(indices(checkEffects(rules, models)), 'ineffective').toEqual(vector.ineffective);
    expect(
      models.map((each, index) => {
        const plan = plans[index];
        return plan !== undefined && everythingFrozen(rules, plan, each) !== null;
      }),
      'everything frozen',
    ).toEqual(vector.everythingFrozen);
  });
});

describe('planModel', () => {
  it('does not confuse models that have equal names', () => {
    const rules = rulesOf([{ match: 'conv1/**', type: 'Conv2D' }]);
    const other = model('other', 'Sequential', [
      { name: 'conv1/kernel', kind: 'parameter', module: 'conv1', type: 'Dense' },
    ]);
    expect(planModel(rules, digits).matched).toEqual([2]);
    expect(planModel(rules, other).matched).toEqual([0]);
  });
});

describe('isFrozenAt', () => {
  it('counts both ends of a span as in it', () => {
    const spans = [
      { from: 2, until: 3, rule: 0 },
      { from: 6, until: null, rule: 1 },
    ];
    expect([1, 2, 3, 4, 5, 6, 99].filter((epoch) => isFrozenAt(spans, epoch))).toEqual([
      2, 3, 6, 99,
    ]);
    expect(isFrozenAt(undefined, 1)).toBe(false);
  });
});

describe('checkRules', () => {
  const told = (rule: unknown) =>
    checkRules(rulesOf([rule]), [digits]).map(({ text, advice }) => `${text} ${advice}`);

  it('says nothing before a model is known', () => {
    expect(checkRules(rulesOf(['conv1']), [])).toEqual([]);
  });

  it('names the nearest tensors and a pattern that matches', () => {
    expect(told('conv1/kernal')).toEqual([
      '"conv1/kernal" matches no tensor. Did you mean "conv1/kernel"? ' +
        'Nearest names: conv1/kernel, conv2/kernel, conv1/bias.',
    ]);
    expect(told('!convv1/**')[0]).toContain('Did you mean "!conv1/**"?');
    expect(told('Conv1/**')[0]).toContain('Did you mean "conv1/**"?');
    expect(told('gamma')[0]).toContain('Did you mean "**/gamma"?');
  });

  it('tells that a pattern names a module', () => {
    expect(told('conv1')).toEqual([
      '"conv1" matches no tensor: "conv1" is a module. ' + 'Write "conv1/**" for everything in it.',
    ]);
  });

  it('tells which condition keeps a rule from matching', () => {
    expect(told({ match: 'conv*/**', type: 'Dense' })[0]).toMatch(
      /none of the 4 tensors its pattern matches is of type "Dense"\. Their types: Conv2D\.$/,
    );
    expect(told({ match: 'dense/**', tensors: 'statistics' })[0]).toMatch(/is a statistic\. /);
    expect(told({ match: '**', model: 'Generator' })[0]).toMatch(
      /no model has the name or class "Generator"\. Models: "sequential_1" \(Sequential\)\.$/,
    );
  });

  it('says how a model that is a part of another is written', () => {
    const combined = model('combined', 'Model', [
      { name: 'generator/g1/kernel', kind: 'parameter', module: 'generator/g1', type: 'Dense' },
    ]);
    const [problem] = checkRules(rulesOf([{ match: '**', model: 'generator' }]), [combined]);
    expect(problem?.advice).toBe('It is a part of a model: write "generator/**" without "model".');
  });

  it('gives no pattern whose braces together make too many alternatives', () => {
    const many = `{${Array.from({ length: 40 }, (_, number) => `x${number}`).join()}}`;
    expect(told({ match: many, model: many })[0]).toMatch(/Models: "sequential_1"/);
  });

  it('places the problem at the rule', () => {
    expect(checkRules(rulesOf(['conv1/**', 'x']), [digits])).toMatchObject([
      { severity: 'error', line: 1, column: 23, length: 3 },
    ]);
  });
});

describe('checkEffects', () => {
  it('names the rule that makes a window needless', () => {
    const rules = rulesOf(['conv1/**', { match: 'conv1/**', until: 5 }]);
    expect(checkEffects(rules, [digits])).toMatchObject([
      {
        severity: 'warning',
        text:
          '{"match":"conv1/**","until":5} has no effect: ' +
          '"conv1/**" in line 1 freezes the same tensors in its epochs as well.',
      },
    ]);
  });
});

describe('everythingFrozen', () => {
  const told = (freeze: readonly unknown[]) => {
    const rules = rulesOf(freeze);
    return everythingFrozen(rules, planModel(rules, digits), digits);
  };

  it('tells the epochs, the rule and a way out', () => {
    expect(
      told(['conv1/**', { match: '**', from: 2, until: 4 }, { match: '**', from: 7 }]),
    ).toMatchObject({
      column: 23,
      text:
        'Every parameter of "sequential_1" is frozen in epochs 2 to 4 and every epoch from 7 on, ' +
        'so it cannot train.',
      advice: 'Thaw what should train by a later rule, such as "!dense/**".',
    });
  });

  it('is silent while one parameter trains', () => {
    expect(told(['**', '!dense/bias'])).toBeNull();
  });
});
