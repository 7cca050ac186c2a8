import type { EventOf, Finding } from '../events';
import type { Verification } from '../state';

/** Worst first. */
const ORDER: readonly Finding['verdict'][] = [
  'moved',
  'missing',
  'replaced',
  'not verified',
  'rebased',
];

/**
 * What two verifications of one epoch say together (the second is the one before the process
 * ends, or a copy of the first): of each tensor the worse verdict, so that a tensor that moved and
 * moved back stays moved.
 */
export function mergeVerification(
  earlier: Verification | null,
  event: EventOf<'verified'>,
): Verification {
  const { at, method, milliseconds, bytes, intact, findings, normalization, unmoved } = event;
  const { digest = earlier?.digest, gradientNorm = earlier?.gradientNorm } = event;
  const { onDevice = earlier?.onDevice } = event;
  const later: Verification = {
    ...{ at, method, milliseconds, bytes, intact, findings, normalization, unmoved },
    ...(onDevice !== undefined && { onDevice }),
    ...(digest !== undefined && { digest }),
    ...(gradientNorm !== undefined && { gradientNorm }),
  };
  if (earlier === null) return later;
  const worst = new Map(earlier.findings.map((finding) => [finding.name, finding]));
  for (const finding of findings) {
    const known = worst.get(finding.name);
    if (known === undefined || worseFinding(finding, known)) worst.set(finding.name, finding);
  }
  const total = Math.min(earlier.intact + earlier.findings.length, intact + findings.length);
  return {
    ...later,
    method: earlier.method === method ? method : 'mixed',
    intact: Math.max(0, total - worst.size),
    findings: [...worst.values()],
  };
}

/** Whether `finding` is worse than `known`, of the same tensor. */
export function worseFinding(finding: Finding, known: Finding): boolean {
  return ORDER.indexOf(finding.verdict) < ORDER.indexOf(known.verdict);
}
