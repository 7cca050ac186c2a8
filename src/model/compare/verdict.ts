import type { Comparison, ComparedTensor, ComparisonVerdict, PairVerdict } from './comparison';

/** What a comparison comes to. */
export function comparisonVerdict({ config, models }: Comparison): ComparisonVerdict {
  const tensors = models.flatMap((model) => model.tensors);
  return config === null ? withoutRules(tensors) : byRules(tensors);
}

function withoutRules(tensors: readonly ComparedTensor[]): ComparisonVerdict {
  const verdictsOf = ({ pairs }: ComparedTensor): readonly PairVerdict[] =>
    pairs.map(({ verdict }) => verdict);
  const changed = tensors.filter((tensor) => verdictsOf(tensor).some(isChange)).length;
  if (changed > 0) return { kind: 'different', tensors: changed };
  const unread = tensors.filter((tensor) => unreadable(verdictsOf(tensor)) !== undefined);
  const [first] = unread;
  if (first !== undefined) {
    const reason = unreadable(verdictsOf(first)) ?? '';
    return { kind: 'not verified', tensors: unread.length, reason };
  }
  return { kind: 'equal', tensors: tensors.length, by: weakest(tensors.flatMap(verdictsOf)) };
}

function byRules(tensors: readonly ComparedTensor[]): ComparisonVerdict {
  const frozen = tensors
    .map(({ pairs }) => pairs.filter(({ expected }) => expected === 'frozen'))
    .map((pairs) => pairs.map(({ verdict }) => verdict))
    .filter((verdicts) => verdicts.length > 0);
  const moved = frozen.filter((verdicts) => verdicts.some(isMove)).length;
  if (moved > 0) return { kind: 'moved', tensors: moved };
  const reasons = frozen.flatMap((verdicts) => notVerified(verdicts) ?? []);
  if (reasons[0] !== undefined) {
    return { kind: 'not verified', tensors: reasons.length, reason: reasons[0] };
  }
  if (frozen.length > 0)
    return { kind: 'intact', tensors: frozen.length, by: weakest(frozen.flat()) };
  const partly = tensors.filter(({ pairs }) => pairs.some(({ expected }) => expected === 'partly'));
  if (partly.length === 0) return { kind: 'nothing frozen' };
  const reason = 'the rules freeze it in some of the epochs between these files only';
  return { kind: 'not verified', tensors: partly.length, reason };
}

/** What a tensor that must not move has done when it is no longer the same. */
const isMove = ({ kind }: PairVerdict): boolean =>
  kind === 'different' || kind === 'gone' || kind === 'reshaped' || kind === 'recast';

const isChange = (verdict: PairVerdict): boolean => isMove(verdict) || verdict.kind === 'new';

function notVerified(verdicts: readonly PairVerdict[]): string | undefined {
  const reason = unreadable(verdicts);
  if (reason !== undefined) return reason;
  const isNew = verdicts.some(({ kind }) => kind === 'new');
  if (isNew) return 'an earlier file does not have it';
  const compared = verdicts.some(({ kind }) => kind === 'equal');
  return compared ? undefined : 'no file that was compared has it';
}

function unreadable(verdicts: readonly PairVerdict[]): string | undefined {
  return verdicts.find((verdict) => verdict.kind === 'unreadable')?.reason;
}

const weakest = (verdicts: readonly PairVerdict[]): 'bytes' | 'crc32' =>
  verdicts.some((verdict) => verdict.kind === 'equal' && verdict.by === 'crc32')
    ? 'crc32'
    : 'bytes';
