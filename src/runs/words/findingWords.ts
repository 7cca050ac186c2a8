import type { Cause } from '../events';
import { rankWords } from '../reduce/ranks';
import { counted, formatDelta } from './numberWords';
import type { Movement, RankedFinding } from '../state';

/**
 * What was found of a tensor: `conv1/kernel moved on rank 1 (1 element, max |Δ| 1.0e-7; …)`.
 * @param several whether several ranks train the model, so that the finding has to name its own
 */
export function describeFinding(finding: RankedFinding, several: boolean): string {
  const on = several ? onRanks(finding.ranks) : '';
  switch (finding.verdict) {
    case 'moved':
      return `${finding.name} moved${on}${movementDetails(finding)}`;
    case 'rebased':
      return `${finding.name} rebased${on} (${causeText(finding.cause)})`;
    case 'replaced':
      return `${finding.name} replaced${on} (another tensor bears the name)`;
    case 'missing':
      return `${finding.name} missing${on}`;
    case 'not verified':
      return `${finding.name} not verified${on} (${finding.reason})`;
  }
}

/** ` on rank 1`, ` on ranks 0 and 1`; empty where there are no ranks. */
export function onRanks(ranks: readonly number[] | undefined): string {
  return ranks === undefined || ranks.length === 0 ? '' : ` on ${rankWords(ranks)}`;
}

/** By how much a tensor moved and why, in parentheses with a space before; empty when unknown. */
export function movementDetails({
  elements,
  maxDelta,
  cause,
}: Pick<Movement, 'elements' | 'maxDelta'> & {
  readonly cause?: Cause | null | undefined;
}): string {
  const parts: string[] = [];
  if (elements !== null) {
    const delta = maxDelta === null ? '' : `, max |Δ| ${formatDelta(maxDelta)}`;
    parts.push(`${counted(elements, 'element')}${delta}`);
  }
  if (cause) parts.push(causeText(cause));
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

/** A cause with its place in the script: `layer.setWeights() was called at train.js:31`. */
export function causeText({ text, file, line }: Cause): string {
  if (file === undefined) return text;
  return `${text} at ${file}${line === undefined ? '' : `:${String(line)}`}`;
}
