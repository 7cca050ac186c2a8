import { findNodeAtLocation, parseTree, type Node, type ParseError } from 'jsonc-parser';
import { configFormat } from './format';
import { placeFinder, type Place } from './place';

export type { Place } from './place';

/** A rule of `freeze`. */
export interface Rule {
  /** Pattern over the tensor's full name, without a leading `!`. */
  readonly match: string;
  /** Pattern over the class of the owning module. */
  readonly type?: string;
  readonly tensors?: 'parameters' | 'statistics';
  /** Pattern over the model's name or class. */
  readonly model?: string;
  /** First epoch, from 1. */
  readonly from?: number;
  /** Last epoch, from 1. */
  readonly until?: number;
  /** False for a rule that thaws. */
  readonly freeze: boolean;
  readonly place: Place;
  /** As written in the file, on one line. */
  readonly text: string;
}

/** A valid `permafrost.json`. */
export interface FreezeConfig {
  readonly command?: string;
  readonly rules: readonly Rule[];
  readonly onMove: 'stop' | 'report';
  /** Optimizer steps that count as an epoch where no better clock is found. */
  readonly epochSteps: number;
}

/** Something wrong with the config, and the way out. */
export interface ConfigProblem extends Place {
  readonly severity: 'error' | 'warning';
  readonly text: string;
  readonly advice: string;
}

export interface ParsedConfig {
  /** Null exactly when a problem is an error. */
  readonly config: FreezeConfig | null;
  readonly problems: readonly ConfigProblem[];
}

/** Reads `permafrost.json`. Never throws. */
export function parseConfig(text: string): ParsedConfig {
  const find = placeFinder(text);
  const errors: ParseError[] = [];
  const root = parseTree(text.replace(/^\uFEFF/, ' '), errors, { disallowComments: true });
  const first = errors[0];
  if (first || !root) {
    const problem: ConfigProblem = {
      ...find(first?.offset ?? 0, first?.length ?? 0),
      severity: 'error',
      text: 'The file is not JSON.',
      advice: 'Correct it here.',
    };
    return { config: null, problems: [problem] };
  }
  const value = valueOf(root);
  const parsed = configFormat.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue): ConfigProblem => {
      const node = findNodeAtLocation(root, issue.path.map(segment)) ?? root;
      return {
        ...find(node.offset, node.length),
        severity: 'error',
        text: issue.message,
        advice: '',
      };
    });
    return { config: null, problems };
  }
  const nodes = findNodeAtLocation(root, ['freeze'])?.children ?? [];
  const rules = parsed.data.freeze.map((each, index): Rule => {
    const { match, freeze, type, tensors, model, from, until } =
      typeof each === 'string' ? ({ match: each } as Partial<Rule> & { match: string }) : each;
    const node = nodes[index] ?? root;
    const thaws = match.startsWith('!');
    return {
      match: thaws ? match.slice(1) : match,
      freeze: !thaws && freeze !== false,
      ...(type === undefined ? {} : { type }),
      ...(tensors === undefined ? {} : { tensors }),
      ...(model === undefined ? {} : { model }),
      ...(from === undefined ? {} : { from }),
      ...(until === undefined ? {} : { until }),
      place: find(node.offset, node.length),
      text: text.slice(node.offset, node.offset + node.length).replace(/\s*[\r\n]+\s*/g, ' '),
    };
  });
  const { command, onMove, epochSteps } = parsed.data;
  return {
    config: { ...(command === undefined ? {} : { command }), rules, onMove, epochSteps },
    problems: [],
  };
}

/** One line for a terminal: `permafrost.json:4:5: error: what is wrong. The way out.` */
export function formatProblem(file: string, problem: ConfigProblem): string {
  const { line, column, severity, text, advice } = problem;
  return `${file}:${line}:${column}: ${severity}: ${text} ${advice}`.trimEnd();
}

const segment = (key: PropertyKey): string | number => (typeof key === 'symbol' ? '' : key);

function valueOf(node: Node): unknown {
  if (node.type === 'array') return (node.children ?? []).map(valueOf);
  if (node.type === 'object') {
    return Object.fromEntries(
      (node.children ?? []).map(({ children = [] }) => {
        const [key, value] = children;
        return [String(key?.value), value && valueOf(value)];
      }),
    );
  }
  return node.value as unknown;
}
