import type { ComparedTensor, Comparison } from '../../model/compare/comparison';

type Pair = ComparedTensor['pairs'][number];

/** What became of a tensor between two files, in two words at most. */
export function pairWord({ verdict, expected }: Pair): string {
  switch (verdict.kind) {
    case 'equal':
      return expected === 'frozen' ? 'intact' : 'equal';
    case 'different':
      return expected === 'frozen' ? 'moved' : 'changed';
    case 'gone':
      return 'only before';
    case 'new':
      return 'only after';
    case 'absent':
      return 'in neither';
    case 'reshaped':
      return 'other shape';
    case 'recast':
      return 'other type';
    case 'unreadable':
      return 'not readable';
  }
}

/** What the rules say to it: `error: frozen by "conv1.**"`; empty where they ask nothing. */
export function expectationText({ verdict, expected }: Pair, rule: string): string {
  switch (expected) {
    case 'frozen':
      return `${verdict.kind === 'equal' ? '' : 'error: '}frozen by ${rule}`;
    case 'partly':
      return `frozen for a part of the time by ${rule}`;
    case 'trainable':
      return verdict.kind === 'equal' ? 'trainable, but did not move' : '';
    case 'unknown':
      return '';
  }
}

/** The rule that freezes a tensor as written in the config; empty when none does. */
export function ruleOf({ rule }: ComparedTensor, { config }: Comparison): string {
  return rule === null ? '' : (config?.rules[rule] ?? '');
}
