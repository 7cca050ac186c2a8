import type { ConfigProblem, Rule } from './config';
import { knownNames, type KnownNames } from './knownNames';
import { matchedTensors, matchesModel, type RuleConditions } from './match';
import { nearestNames } from './nearest';
import { compilePattern, PatternError } from './pattern';
import type { NamedModel } from './tensor';

const MOST_NAMES = 3;

/**
 * The rules that match no tensor of any model, each with what was most likely meant. Without
 * models nothing is known and nothing is told.
 */
export function checkRules(
  rules: readonly Rule[],
  models: readonly NamedModel[],
): readonly ConfigProblem[] {
  if (models.length === 0) return [];
  return rules
    .filter((rule) => !matchesAny(rule, models))
    .map((rule) => {
      const [reason, advice] = explain(rule, models);
      const text = `${rule.text} matches no tensor${reason === '' ? '' : `: ${reason}`}.`;
      return { ...rule.place, severity: 'error', text, advice };
    });
}

const matchesAny = (rule: RuleConditions, models: readonly NamedModel[]): boolean =>
  models.some((model) => matchedTensors(rule, model).length > 0);

type Explanation = readonly [reason: string, advice: string];

function explain(rule: Rule, models: readonly NamedModel[]): Explanation {
  return (
    modelExplanation(rule, models) ??
    conditionExplanation(rule, models) ??
    moduleExplanation(rule, models) ??
    nameExplanation(rule, models)
  );
}

function modelExplanation(rule: Rule, models: readonly NamedModel[]): Explanation | undefined {
  const { model: wanted, ...others } = rule;
  if (wanted === undefined) return undefined;
  if (!models.some((model) => matchesModel(rule, model))) {
    const known = models.map(({ name, className }) => `"${name}" (${className})`);
    const reason = `no model has the name or class "${wanted}"`;
    const part = asPart(wanted, others, models);
    if (part === undefined) return [reason, `Models: ${known.join(', ')}.`];
    return [reason, `It is a part of a model: write "${prefixed(rule, part)}" without "model".`];
  }
  const home = models.find((model) => matchedTensors(others, model).length > 0);
  return (
    home && [
      `its tensors are not in the model "${wanted}"`,
      `The pattern matches in "${home.name}"; correct "model" or remove it.`,
    ]
  );
}

/** The pattern that says the same of a model that is used as a layer of another. */
function asPart(
  wanted: string,
  rule: RuleConditions,
  models: readonly NamedModel[],
): string | undefined {
  const separator = separatorOf(models[0]?.tensors[0]?.name);
  const inside = `${wanted}${separator}${rule.match}`;
  return [inside, `**${separator}${inside}`].find(
    (match) => canBeRead(match) && matchesAny({ ...rule, match }, models),
  );
}

/** The braces of two patterns together can make too many alternatives. */
function canBeRead(pattern: string): boolean {
  try {
    compilePattern(pattern);
    return true;
  } catch (error) {
    if (error instanceof PatternError) return false;
    throw error;
  }
}

function conditionExplanation(rule: Rule, models: readonly NamedModel[]): Explanation | undefined {
  const { type, tensors, ...others } = rule;
  const found = models.flatMap((model) =>
    matchedTensors(others, model).flatMap((index) => model.tensors[index] ?? []),
  );
  if (found.length === 0) return undefined;
  const count = found.length === 1 ? 'the 1 tensor' : `none of the ${found.length} tensors`;
  const not = found.length === 1 ? 'is not' : 'is';
  if (type !== undefined && !found.some((tensor) => compilePattern(type)(tensor.type))) {
    const types = [...new Set(found.map((tensor) => tensor.type || '(none)'))];
    return [
      `${count} its pattern matches ${not} of type "${type}"`,
      `Their types: ${types.slice(0, MOST_NAMES).join(', ')}${types.length > MOST_NAMES ? ', …' : ''}.`,
    ];
  }
  if (tensors === undefined) return undefined;
  return [
    `${count} that it would match ${not} a ${tensors === 'parameters' ? 'parameter' : 'statistic'}`,
    'Remove "tensors", or the rule.',
  ];
}

function moduleExplanation(rule: Rule, models: readonly NamedModel[]): Explanation | undefined {
  const test = compilePattern(rule.match);
  for (const [module, separator] of knownNames(models).modules) {
    if (!test(module)) continue;
    const inside = `${rule.match}${separator}**`;
    if (!matchesAny({ ...rule, match: inside }, models)) continue;
    return [`"${module}" is a module`, `Write "${prefixed(rule, inside)}" for everything in it.`];
  }
  return undefined;
}

function nameExplanation(rule: Rule, models: readonly NamedModel[]): Explanation {
  const known = knownNames(models);
  const { names } = known;
  const meant = corrections(rule.match, known).find((match) =>
    matchesAny({ ...rule, match }, models),
  );
  const nearest = nearestNames(rule.match, names, MOST_NAMES);
  if (nearest.length === 0) return ['', 'The models have no tensors.'];
  const question = meant === undefined ? '' : `Did you mean "${prefixed(rule, meant)}"? `;
  return ['', `${question}Nearest names: ${nearest.join(', ')}.`];
}

/** Patterns with one unknown part replaced by a near one, and the pattern further down. */
function corrections(match: string, { names, parts: known }: KnownNames): string[] {
  const separator = separatorOf(names[0]);
  const corrected = [`**${separator}${match}`];
  if (/[[\]{}\\]/.test(match)) return corrected;
  const parts = match.split(/([./])/);
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 1 || /[*?]/.test(part) || known.includes(part)) continue;
    for (const near of nearestNames(part, known, MOST_NAMES)) {
      corrected.push(parts.with(index, near).join(''));
    }
  }
  return corrected;
}

/** The separator that the framework uses, as seen in one of its names. */
const separatorOf = (name = ''): string => /[./]/.exec(name)?.[0] ?? '.';

const prefixed = (rule: Rule, match: string): string =>
  /^"!|"match"\s*:\s*"!/.test(rule.text) ? `!${match}` : match;
