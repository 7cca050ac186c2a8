import type { Node } from 'jsonc-parser';
import { rawOffset } from './jsonString';
import { compilePattern, PatternError } from './pattern';
import type { RawProblem } from './problem';

/**
 * What the shape of a rule cannot tell: bad patterns, an empty window, two words on whether it
 * freezes. Parts of a wrong shape are passed over.
 */
export function ruleProblems(rule: Node, text: string): RawProblem[] {
  if (rule.type === 'string') return patternProblems(rule, text, true);
  const values = new Map(
    rule.children?.map(({ children: [key, value] = [] }) => [String(key?.value), value]),
  );
  const match = values.get('match');
  return [
    ...patternProblems(match, text, true),
    ...patternProblems(values.get('type'), text, false),
    ...patternProblems(values.get('model'), text, false),
    ...windowProblems(values.get('from'), values.get('until')),
    ...effectProblems(match, values.get('freeze')),
  ];
}

function patternProblems(node: Node | undefined, text: string, mayThaw: boolean): RawProblem[] {
  // The empty string is told by the format's definition.
  if (typeof node?.value !== 'string' || node.value === '') return [];
  const value: string = node.value;
  const skipped = mayThaw && value.startsWith('!') ? 1 : 0;
  try {
    compilePattern(value.slice(skipped));
    return [];
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    const raw = text.slice(node.offset + 1, node.offset + node.length - 1);
    const start = rawOffset(raw, error.offset + skipped);
    const end = rawOffset(raw, error.offset + skipped + 1);
    return [
      {
        offset: node.offset + 1 + start,
        length: end - start,
        text: error.problem,
        advice: error.advice,
      },
    ];
  }
}

function windowProblems(from: Node | undefined, until: Node | undefined): RawProblem[] {
  if (typeof from?.value !== 'number' || typeof until?.value !== 'number') return [];
  if (from.value <= until.value) return [];
  return [
    {
      offset: until.offset,
      length: until.length,
      text: `"until" (${until.value}) is before "from" (${from.value}), so the rule never applies.`,
      advice: 'Exchange them; both epochs belong to the window.',
    },
  ];
}

function effectProblems(match: Node | undefined, freeze: Node | undefined): RawProblem[] {
  if (typeof match?.value !== 'string' || !match.value.startsWith('!') || !freeze) return [];
  return [
    {
      offset: freeze.parent?.offset ?? freeze.offset,
      length: freeze.parent?.length ?? freeze.length,
      text: '"!" and "freeze" both say whether the rule freezes.',
      advice: 'Keep one: "!" in "match", or "freeze": false.',
    },
  ];
}
