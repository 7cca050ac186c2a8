import { frozenGroups } from './frozenGroups';
import { code, table, text } from './markdownText';
import type { ModelView, ReportView } from './reportView';
import { formatCount } from '../words/words';

/** A pull request is read by people: more than this is in the HTML report. */
const MOST = { groups: 20, unmoved: 25, notes: 8 } as const;

/** What is known beside the verdict, as a list; nothing of this machine. */
export function factLines({ head }: ReportView): string {
  return head.facts
    .filter(({ local }) => !local)
    .map((fact) => `- ${text(fact.label)}: ${fact.code ? code(fact.text) : text(fact.text)}`)
    .join('\n');
}

/** What is frozen, by the parts of the model. */
export function groupTable(model: ModelView): string {
  const groups = frozenGroups(model, MOST.groups);
  if (groups.length === 0) return '';
  const rows = groups
    .slice(0, MOST.groups)
    .map(({ name, tensors, elements, verdict }) => [
      code(name),
      formatCount(tensors),
      formatCount(elements),
      text(verdict),
    ]);
  const rest = more(groups.length - MOST.groups, 'frozen groups');
  return table(['Frozen', 'Tensors', 'Elements', 'Verdict'], rows, [1, 2]) + below(rest);
}

/** Names what could have moved and did not. */
export function unmovedLine({ unmoved, tensors }: ModelView, label: string): string {
  if (unmoved.length === 0) return '';
  const names = unmoved.slice(0, MOST.unmoved).map((row) => code(tensors[row]?.name ?? ''));
  const rest = unmoved.length - names.length;
  const others = rest > 0 ? ` and ${formatCount(rest)} more` : '';
  return `${label}: ${names.join(', ')}${others}.`;
}

/** Messages that ask for something, as a list. */
export function noteLines({ notes }: ReportView): string {
  const urgent = notes.filter(({ level, offer }) => level !== 'info' || offer !== null);
  const lines = urgent.slice(0, MOST.notes).map(({ level, text: said, advice, offer }) => {
    const add = offer?.kind === 'rules' ? ` Rules: ${offer.rules.map(code).join(', ')}` : '';
    return `- ${level}: ${text(`${said} ${advice}`.trim())}${add}`;
  });
  return lines.join('\n') + below(more(urgent.length - MOST.notes, 'messages'));
}

/** Says how many are left out; empty when none are. */
export function more(count: number, what: string): string {
  return count > 0 ? `${formatCount(count)} more ${what} are not listed.` : '';
}

/** A line under a table; nothing when it is empty. */
export function below(line: string): string {
  return line === '' ? '' : `\n\n${line}`;
}
