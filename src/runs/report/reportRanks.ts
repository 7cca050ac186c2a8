import type { RankView } from './reportView';
import { isVerified } from '../reduce/cells';
import { frozenCount } from '../reduce/frozenCount';
import { disagreeingRanks, frozenOn, rankWords } from '../reduce/ranks';
import type { EpochState, ModelState } from '../state';
import { counted, formatCount } from '../words/words';

/** The verdict of each rank over the epochs of a model; none where one process trains it. */
export function rankViews(model: ModelState): readonly RankView[] {
  if (model.ranks.length < 2) return [];
  return model.ranks.map(({ rank }) => rankView(model, rank));
}

function rankView(model: ModelState, rank: number): RankView {
  const frozen = frozenOn(model, rank);
  const moved = new Set<string>();
  const doubtful = new Set<string>();
  let verified = 0;
  let missing = 0;
  let most = 0;
  for (const epoch of model.epochs) {
    const count = frozenCount(frozen, epoch.epoch);
    const verification = epoch.ranks[String(rank)]?.verification ?? null;
    if (count === 0) continue;
    if (verification === null) {
      if (isPastOn(model, epoch, rank)) missing++;
      continue;
    }
    verified++;
    most = Math.max(most, count);
    for (const { name, verdict } of verification.findings) {
      if (verdict === 'moved') moved.add(name);
      else if (verdict !== 'rebased') doubtful.add(name);
    }
  }
  const over = ` over ${counted(verified, 'epoch')}`;
  const lacking = missing === 0 ? '' : `; ${counted(missing, 'epoch')} not verified`;
  if (moved.size > 0) {
    return { rank, letter: 'm', text: `${counted(moved.size, 'frozen tensor')} moved${lacking}` };
  }
  if (doubtful.size > 0) {
    return {
      rank,
      letter: 'n',
      text: `${counted(doubtful.size, 'tensor')} not verified${lacking}`,
    };
  }
  if (verified === 0) {
    const letter = missing > 0 ? 'n' : 'w';
    return { rank, letter, text: missing > 0 ? `nothing verified${lacking}` : 'no verdict yet' };
  }
  return {
    rank,
    letter: missing > 0 ? 'n' : 'i',
    text: `${formatCount(most)} frozen intact${over}${lacking}`,
  };
}

/** Whether another rank has verified the epoch, or it is not the last one. */
function isPastOn(model: ModelState, epoch: EpochState, rank: number): boolean {
  if (isVerified(model, epoch)) return false;
  const others = Object.entries(epoch.ranks).some(
    ([each, { verification }]) => Number(each) !== rank && verification !== null,
  );
  return others || epoch !== model.epochs.at(-1);
}

/** What is to be said when ranks hold different values of frozen tensors; null when none do. */
export function rankNote({ epochs }: ModelState): string | null {
  for (const epoch of epochs) {
    const ranks = disagreeingRanks(epoch);
    if (ranks.length > 0) {
      return `In epoch ${String(epoch.epoch)}, ${rankWords(ranks)} hold different values of frozen tensors: they did not begin alike, or one of them moved.`;
    }
  }
  return null;
}
