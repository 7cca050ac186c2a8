import { isOver } from '../reduce/reduce';
import { facts, methodOf } from './reportFacts';
import { statusWords } from './reportStatus';
import { movedSize, sourceOf } from './reportFinding';
import { rowsByName } from './reportRows';
import type { HeadView, MovementView, Tone } from './reportView';
import { rankWords } from '../reduce/ranks';
import type { Movement, RunState } from '../state';
import { sentence } from '../words/sentence';
import { visibleText } from '../words/visibleText';
import { counted, endClauses, formatCount, verdictSentence } from '../words/words';

const MOST_MOVEMENTS = 100;

const BAD_ENDS: ReadonlySet<RunState['status']> = new Set(['failed', 'stopped', 'lost']);

/** The top of the report: the verdict in words and the facts of the run. */
export function headView(state: RunState): HeadView {
  const running = !isOver(state) && state.status !== 'stopped';
  const movements = state.verdict.kind === 'moved' ? state.verdict.movements : [];
  const error = state.configError;
  return {
    tone: toneOf(state, running),
    ...words(state, running),
    status: statusWords(state),
    running,
    endedBadly: BAD_ENDS.has(state.status),
    movements: movements.slice(0, MOST_MOVEMENTS).map((each) => movementView(state, each)),
    furtherMovements: Math.max(0, movements.length - MOST_MOVEMENTS),
    configError: error && {
      place: visibleText(`${error.file}:${String(error.line)}:${String(error.column)}`),
      text: visibleText(error.advice === undefined ? error.text : `${error.text} ${error.advice}`),
    },
    facts: facts(state, running),
  };
}

function toneOf({ verdict }: RunState, running: boolean): Tone {
  switch (verdict.kind) {
    case 'pending':
      return running ? 'running' : 'not verified';
    case 'intact':
      return running ? 'running' : 'intact';
    case 'moved':
    case 'not verified':
    case 'nothing frozen':
    case 'no model':
      return verdict.kind;
  }
}

/** The shared sentence of the verdict, its first clause as the heading. */
function words(state: RunState, running: boolean): { headline: string; detail: string } {
  const { verdict } = state;
  const said = visibleText(verdictSentence(state)).replace(/\.$/, '');
  switch (verdict.kind) {
    case 'moved':
      return {
        headline: `${counted(verdict.movements.length, 'frozen tensor')} moved`,
        detail: [restOfVerdict(state), ...endClauses(state).map(sentence)].join(' ').trim(),
      };
    case 'intact': {
      const [headline, limits] = split(said, '; ');
      return {
        headline: running ? soFar(headline) : headline,
        detail: limits === '' ? methodWords(state) : sentence(limits),
      };
    }
    case 'not verified':
    case 'nothing frozen':
    case 'no model': {
      const [headline, why] = split(said, ': ');
      return { headline, detail: sentence(why) };
    }
    case 'pending':
      return {
        headline: said,
        detail: running ? 'The first verdict comes at the end of the first epoch.' : '',
      };
  }
}

/** A verdict that may change yet; what follows its comma is said of an epoch that is over. */
function soFar(headline: string): string {
  const [verdict, but] = split(headline, ', ');
  return but === '' ? `${verdict} so far` : `${verdict} so far, ${but}`;
}

function split(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** What stayed intact beside what moved. */
function restOfVerdict(state: RunState): string {
  const last = state.models.at(-1)?.epochs.findLast(({ verification }) => verification !== null);
  if (last?.verification == null) return '';
  const { intact } = last.verification;
  const others =
    intact === 0
      ? 'No other frozen tensor was intact'
      : `${formatCount(intact)} other frozen ${intact === 1 ? 'tensor was' : 'tensors were'} intact`;
  return `${others} at the end of epoch ${String(last.epoch)}.`;
}

function movementView(state: RunState, movement: Movement): MovementView {
  const index = state.models.findIndex(({ name }) => name === movement.model);
  const model = state.models[index];
  return {
    model: index,
    row: (model && rowsByName(model.tensors).get(movement.name)) ?? null,
    modelName: visibleText(movement.model),
    name: visibleText(movement.name),
    when: `epoch ${String(movement.epoch)}`,
    size: movedSize(movement),
    cause: visibleText(movement.cause?.text ?? ''),
    source: sourceOf(movement.cause),
    ranks: (model?.ranks.length ?? 0) > 1 && movement.ranks ? rankWords(movement.ranks) : '',
  };
}

function methodWords(state: RunState): string {
  return {
    bytes: 'Compared with their reference after every epoch, every byte of every tensor.',
    fingerprint:
      'Compared with their reference after every epoch by fingerprints of at least 128 bits.',
    mixed:
      'Compared with their reference after every epoch, byte by byte as far as memory went, the rest by fingerprints of at least 128 bits.',
  }[methodOf(state)];
}
