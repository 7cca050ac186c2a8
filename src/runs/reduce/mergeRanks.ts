import { frozenCount } from './frozenCount';
import { worseFinding } from './mergeVerification';
import { frozenOn } from './ranks';
import type { EpochState, ModelState, RankedFinding, Verification } from '../state';

type Normalization = Verification['normalization'][number];

/**
 * What the verifications of an epoch on several ranks say together; null when there is none. Of
 * each tensor the worst that a rank found, with the ranks that did. Which rank was read first does
 * not matter.
 */
export function mergeRanks(
  model: ModelState,
  { epoch, ranks }: Pick<EpochState, 'epoch' | 'ranks'>,
): Verification | null {
  const told = Object.entries(ranks)
    .flatMap(([rank, { verification }]) =>
      verification === null ? [] : [{ rank: Number(rank), verification }],
    )
    .sort((a, b) => a.rank - b.rank);
  const lowest = told[0]?.verification;
  if (lowest === undefined) return null;
  const findings = worstFindings(told);
  const all = told.map(({ verification }) => verification);
  const methods = new Set(all.map(({ method }) => method));
  const digests = new Set(all.map(({ digest }) => digest));
  return {
    ...lowest,
    at: all.some(({ at }) => at === 'exit') ? 'exit' : 'epoch-end',
    method: methods.size === 1 ? lowest.method : 'mixed',
    // They verify at the same time, each its own.
    milliseconds: Math.max(...all.map(({ milliseconds }) => milliseconds)),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    intact: Math.max(0, accountedFor(model, epoch, told) - findings.length),
    findings,
    normalization: mergeNormalization(all),
    unmoved: unmovedOnAll(lowest, all.slice(1)),
    digest: digests.size === 1 ? lowest.digest : undefined,
  };
}

interface Told {
  readonly rank: number;
  readonly verification: Verification;
}

function worstFindings(told: readonly Told[]): readonly RankedFinding[] {
  const worst = new Map<string, RankedFinding>();
  for (const { rank, verification } of told) {
    for (const finding of verification.findings) {
      const known = worst.get(finding.name);
      if (known === undefined || worseFinding(finding, known)) {
        worst.set(finding.name, { ...finding, ranks: [rank] });
      } else if (known.verdict === finding.verdict) {
        worst.set(finding.name, { ...known, ranks: [...(known.ranks ?? []), rank] });
      }
    }
  }
  return [...worst.values()];
}

/**
 * For how many tensors the ranks account: all that are frozen, or off by as many as the rank that
 * is off by most.
 */
function accountedFor(model: ModelState, epoch: number, told: readonly Told[]): number {
  let off = 0;
  for (const { rank, verification } of told) {
    const { intact, findings } = verification;
    const by = intact + findings.length - frozenCount(frozenOn(model, rank), epoch);
    if (Math.abs(by) > Math.abs(off)) off = by;
  }
  return frozenCount(model.frozen, epoch) + off;
}

function mergeNormalization(all: readonly Verification[]): Normalization[] {
  const layers = new Map<string, Normalization>();
  for (const { normalization } of all) {
    for (const layer of normalization) {
      const known = layers.get(layer.module) ?? layer;
      layers.set(layer.module, {
        module: layer.module,
        mode: known.mode === layer.mode ? layer.mode : 'mixed',
        frozen: known.frozen || layer.frozen,
      });
    }
  }
  return [...layers.values()];
}

/** A rank whose shard of a tensor is empty never sees it move. */
function unmovedOnAll(lowest: Verification, others: readonly Verification[]): readonly string[] {
  const sets = others.map(({ unmoved }) => new Set(unmoved));
  return lowest.unmoved.filter((name) => sets.every((set) => set.has(name)));
}
