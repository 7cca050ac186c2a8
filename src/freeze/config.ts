import { findNodeAtLocation, type Node } from 'jsonc-parser';
import type * as z from 'zod/mini';
import { configFormat, type EngineChoice, type ruleFormat } from './format';
import { readJson } from './jsonSyntax';
import { placeFinder, type Place } from './place';
import type { RawProblem } from './problem';
import { ruleProblems } from './ruleProblems';
import { shapeProblems } from './shapeProblems';

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
  /** Last epoch, from 1, inclusive. */
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
  /** A checkpoint whose names stand in for an inspection: relative to the config's folder, or absolute. */
  readonly model?: string;
  readonly rules: readonly Rule[];
  readonly onMove: 'stop' | 'report';
  /** Optimizer steps that count as an epoch where no better clock is found. */
  readonly epochSteps: number;
  /** What TensorFlow.js is to run on; absent where the script decides. */
  readonly engine?: EngineChoice;
  /** Whether outputs of a frozen prefix of the layers are computed once (TensorFlow.js). */
  readonly cache: 'off' | 'auto' | 'on';
}

/** Something wrong with the config, and the way out. */
export interface ConfigProblem extends Place {
  readonly severity: 'error' | 'warning';
  readonly text: string;
  readonly advice: string;
}

/** What a text says, and what is wrong with it in the order of the text. */
export interface ParsedConfig {
  /** Null exactly when a problem is an error. */
  readonly config: FreezeConfig | null;
  readonly problems: readonly ConfigProblem[];
}

/** Reads `permafrost.json`: strict JSON of a known shape. Reports all problems; never throws. */
export function parseConfig(text: string): ParsedConfig {
  const place = placeFinder(text);
  const { root, problems } = readJson(text);
  if (!root) return { config: null, problems: problems.map((each) => placed(each, place)) };
  const parsed = configFormat.safeParse(valueOf(root));
  const ruleNodes = findNodeAtLocation(root, ['freeze'])?.children ?? [];
  const all = [
    ...problems,
    ...duplicateKeys(root, place),
    ...(parsed.success ? [] : shapeProblems(parsed.error.issues, root)),
    ...ruleNodes.flatMap((rule) => ruleProblems(rule, text)),
  ].sort((a, b) => a.offset - b.offset);
  if (all.length > 0 || !parsed.success) {
    return { config: null, problems: all.map((each) => placed(each, place)) };
  }
  const { command, model, freeze, onMove, epochSteps, engine, cache } = parsed.data;
  const rules = freeze.map((rule, index): Rule => {
    const { offset, length } = ruleNodes[index] ?? root;
    const written = text.slice(offset, offset + length);
    return {
      ...readRule(rule),
      place: place(offset, length),
      text: written.replace(/\s*[\r\n]\s*/g, ' '),
    };
  });
  return {
    config: {
      ...(command === undefined ? {} : { command }),
      ...(model === undefined ? {} : { model }),
      ...(engine === undefined ? {} : { engine }),
      ...{ rules, onMove, epochSteps, cache },
    },
    problems: [],
  };
}

/** One line for a terminal: `permafrost.json:4:5: error: What is wrong. The way out.` */
export function formatProblem(file: string, problem: ConfigProblem): string {
  const { line, column, severity, text, advice } = problem;
  return `${file}:${line}:${column}: ${severity}: ${text} ${advice}`.trimEnd();
}

function placed(
  { offset, length, text, advice }: RawProblem,
  place: ReturnType<typeof placeFinder>,
): ConfigProblem {
  return { ...place(offset, length), severity: 'error', text, advice };
}

function readRule(written: z.infer<typeof ruleFormat>): Omit<Rule, 'place' | 'text'> {
  const {
    match,
    freeze = true,
    ...conditions
  } = typeof written === 'string' ? { match: written } : written;
  const thaws = match.startsWith('!');
  return {
    ...(conditions as Omit<Rule, 'place' | 'text' | 'match' | 'freeze'>),
    match: thaws ? match.slice(1) : match,
    freeze: freeze && !thaws,
  };
}

function duplicateKeys(node: Node, place: ReturnType<typeof placeFinder>): RawProblem[] {
  const children = node.children ?? [];
  const below = children.flatMap((child) => duplicateKeys(child, place));
  if (node.type !== 'object') return below;
  const first = new Map<string, Node>();
  const duplicates: RawProblem[] = [];
  for (const key of children.flatMap((property) => property.children?.slice(0, 1) ?? [])) {
    const name = String(key.value);
    const earlier = first.get(name);
    if (!earlier) {
      first.set(name, key);
      continue;
    }
    const { line } = place(earlier.offset, earlier.length);
    duplicates.push({
      offset: key.offset,
      length: key.length,
      text: `The key "${name}" is there twice.`,
      advice: `Remove one of them; the first is in line ${line}.`,
    });
  }
  return [...duplicates, ...below];
}

/**
 * The plain value. Unlike the parser's own conversion it keeps a key named `__proto__`, and of
 * duplicate keys the first, as `findNodeAtLocation` does.
 */
function valueOf(node: Node): unknown {
  if (node.type === 'array') return (node.children ?? []).map(valueOf);
  if (node.type !== 'object') return node.value as unknown;
  const entries = (node.children ?? []).map(({ children: [key, value] = [] }) => [
    String(key?.value),
    value && valueOf(value),
  ]);
  return Object.fromEntries(entries.reverse()) as unknown;
}
