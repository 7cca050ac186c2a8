import { rawOffset, rawString, stringValue } from '../../freeze/jsonString';
import { matchesModel } from '../../freeze/match';
import { escapePattern, PatternError } from '../../freeze/pattern';
import type { ModelInfo } from '../../model/inspection';
import { shapeText } from '../../model/shape';
import { counted } from '../../runs/words/numberWords';
import { nextParts, type NamePart } from './nameParts';
import type { StringAt } from './stringAt';

/** Something to write in place of a part of a string. */
export interface Proposal {
  /** As it stands between the quotes. */
  readonly text: string;
  readonly detail: string;
  readonly kind: 'all' | 'module' | 'inside' | 'tensor' | 'class' | 'model' | 'file';
}

/** What can stand at the cursor. Offsets are of the text, in UTF-16 code units. */
export interface Proposals {
  readonly offset: number;
  readonly length: number;
  readonly items: readonly Proposal[];
  /** Whether typing on may bring others. */
  readonly partial: boolean;
}

/** More than anybody reads; typing on narrows them. */
const MOST_ITEMS = 200;

/** What can stand at the cursor in a pattern, a type or the model of a rule. */
export function proposals(at: StringAt, models: readonly ModelInfo[]): Proposals | undefined {
  switch (at.role) {
    case 'pattern':
      return patternProposals(
        at,
        models.filter((model) => isMeant(model, at.ruleModel)),
      );
    case 'type':
      return words(at, classes(models.filter((model) => isMeant(model, at.ruleModel))));
    case 'ruleModel':
      return words(at, modelNames(models));
    case 'model':
      return undefined;
  }
}

/** These in place of the whole string. */
export function words(at: StringAt, items: readonly Proposal[]): Proposals {
  return { offset: at.offset, length: at.raw.length, ...cut(items, stringValue(at.raw) ?? '') };
}

function patternProposals(at: StringAt, models: readonly ModelInfo[]): Proposals | undefined {
  const before = stringValue(at.raw.slice(0, at.cursor));
  const value = stringValue(at.raw);
  if (before === undefined || value === undefined) return undefined;
  const start = partStart(before);
  if (start === undefined) return undefined;
  const thaw = before.startsWith('!') ? 1 : 0;
  const rest = value.slice(before.length);
  const more = rest.search(/[./]/);
  const end = before.length + (more < 0 ? rest.length : more);
  const prefix = before.slice(thaw, Math.max(thaw, start - 1));
  const parts = nextParts(models, start > thaw ? prefix : '');
  const typed = before.slice(start);
  const items = parts.flatMap((part) => partProposals(part, more >= 0));
  const below = parts.reduce((sum, part) => sum + part.below + (part.tensor ? 1 : 0), 0);
  if (more < 0 && items.length > 0) {
    items.unshift({ text: '**', detail: `everything, ${counted(below, 'tensor')}`, kind: 'all' });
  }
  const from = rawOffset(at.raw, start);
  return { offset: at.offset + from, length: rawOffset(at.raw, end) - from, ...cut(items, typed) };
}

/** Where the part begins that ends a pattern; undefined within braces and classes. */
function partStart(pattern: string): number | undefined {
  let start = pattern.startsWith('!') ? 1 : 0;
  let open = 0;
  for (let at = start; at < pattern.length; at += 1) {
    const char = pattern[at] ?? '';
    if (char === '\\') at += 1;
    else if (char === '{' || char === '[') open += 1;
    else if (char === '}' || char === ']') open -= 1;
    else if (open === 0 && (char === '.' || char === '/')) start = at + 1;
  }
  return open > 0 ? undefined : start;
}

function partProposals(each: NamePart, inside: boolean): Proposal[] {
  const { part, separator, below, tensor, type } = each;
  if (part === '') return [];
  const text = rawString(escapePattern(part));
  const detail = [...(type === '' ? [] : [type]), counted(below, 'tensor')].join(' · ');
  if (inside) return below > 0 ? [{ text, detail, kind: 'module' }] : [];
  return [
    ...(tensor === undefined
      ? []
      : [{ text, detail: `${shapeText(tensor)} · ${tensor.dtype}`, kind: 'tensor' as const }]),
    ...(below === 0
      ? []
      : [
          { text: `${text}${separator}**`, detail, kind: 'module' as const },
          { text: `${text}${separator}`, detail: 'go on inside', kind: 'inside' as const },
        ]),
  ];
}

function classes(models: readonly ModelInfo[]): Proposal[] {
  const counts = new Map<string, number>();
  for (const { type } of models.flatMap(({ tensors }) => tensors)) {
    if (type !== '') counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return Array.from(counts, ([type, count]) => ({
    text: rawString(escapePattern(type)),
    detail: counted(count, 'tensor'),
    kind: 'class',
  }));
}

function modelNames(models: readonly ModelInfo[]): Proposal[] {
  const details = new Map<string, string>();
  for (const { name, className, tensors } of models) {
    details.set(name, [className, counted(tensors.length, 'tensor')].filter(Boolean).join(' · '));
  }
  for (const { className } of models) {
    if (className !== '' && !details.has(className))
      details.set(className, 'every model of the class');
  }
  return Array.from(details, ([name, detail]) => ({
    text: rawString(escapePattern(name)),
    detail,
    kind: 'model',
  }));
}

function isMeant(model: ModelInfo, wanted: string | undefined): boolean {
  try {
    return wanted === undefined || matchesModel({ match: '**', model: wanted }, model);
  } catch (error) {
    if (error instanceof PatternError) return true;
    throw error;
  }
}

/** All of a few; of many those that hold what is typed. */
function cut(all: readonly Proposal[], typed: string): Pick<Proposals, 'items' | 'partial'> {
  if (all.length <= MOST_ITEMS) return { items: all, partial: false };
  const lower = rawString(typed).toLowerCase();
  const items = all.filter(({ text }) => text.toLowerCase().includes(lower));
  return { items: items.slice(0, MOST_ITEMS), partial: true };
}
