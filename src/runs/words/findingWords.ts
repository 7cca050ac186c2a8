import type { Cause, Finding } from '../events';
import { counted, formatDelta } from './numberWords';
import type { Movement } from '../state';

/** What was found of a tensor: `conv1/kernel moved (1 element, max |Δ| 1.0e-7; …)`. */
export function describeFinding(finding: Finding): string {
  switch (finding.verdict) {
    case 'moved':
      return `${finding.name} moved${movementDetails(finding)}`;
    case 'rebased':
      return `${finding.name} rebased (${causeText(finding.cause)})`;
    case 'replaced':
      return `${finding.name} replaced (another tensor bears the name)`;
    case 'missing':
      return `${finding.name} missing`;
    case 'not verified':
      return `${finding.name} not verified (${finding.reason})`;
  }
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
