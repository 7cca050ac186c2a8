import { parseEventLine, type ParsedLine, type RunEvent } from '../events';
import { withMessage } from './messages';
import { movementsOf, withMovements } from './movements';
import { rankOf } from './ranks';
import { currentIndex, reduceModels } from './reduceModels';
import {
  afterProcesses,
  processEnded,
  processStarted,
  runEnded,
  runStarted,
  stoppedBy,
} from './reduceProcesses';
import type { Movement, RunState } from '../state';
import { isOver, runVerdict } from './verdict';

export { isOver };

/** The state of a run of which nothing has been read yet. */
export function initialState(id: string): RunState {
  return {
    version: 1,
    id,
    command: '',
    cwd: '',
    launcher: 'hook',
    permafrost: '',
    onMove: 'report',
    rules: [],
    status: 'starting',
    startedAt: 0,
    endedAt: null,
    exitCode: null,
    signal: null,
    engine: null,
    caches: [],
    configError: null,
    processes: [],
    models: [],
    messages: [],
    livePids: [],
    garbledLines: 0,
    verdict: { kind: 'pending' },
  };
}

/**
 * The state after one more event. Pure: what does not change is shared with the state before, so
 * that thousands of progress events on a large model cost little.
 */
export function reduce(state: RunState, event: RunEvent): RunState {
  const next = apply(state, event);
  if (next === state || event.type === 'progress') return next;
  return withVerdict(next, movementsAfter(next, event));
}

/** The state after one more line of the events file; a line that cannot be read is counted. */
export function reduceLine(state: RunState, line: string): RunState {
  return line.trim() === '' ? state : reduceParsed(state, parseEventLine(line));
}

/** As `reduceLine`, for who needs the event too. */
export function reduceParsed(state: RunState, parsed: ParsedLine): RunState {
  switch (parsed.kind) {
    case 'event':
      return reduce(state, parsed.event);
    case 'unknown':
      return state;
    case 'invalid': {
      const next = { ...state, garbledLines: state.garbledLines + 1 };
      return withVerdict(next, movementsOf(next.verdict));
    }
  }
}

/**
 * The state with what only the machine can tell: a run whose end was not written and of which no
 * known process is alive is `lost`. As long as no process id is known, nothing is concluded. For
 * showing only: go on reducing from the state before it.
 */
export function withLiveness(state: RunState, isAlive: (pid: number) => boolean): RunState {
  if (isOver(state)) return state;
  const known = state.livePids.length > 0 || state.processes.length > 0;
  if (!known || state.livePids.some(isAlive)) return state;
  return withVerdict(afterProcesses(state), movementsOf(state.verdict));
}

function withVerdict(state: RunState, movements: readonly Movement[]): RunState {
  return { ...state, verdict: runVerdict(state, movements) };
}

/** Only a verification can tell of movements, and none takes one back. */
function movementsAfter(state: RunState, event: RunEvent): readonly Movement[] {
  const known = movementsOf(state.verdict);
  if (event.type !== 'verified') return known;
  const model = state.models[currentIndex(state.models, event)];
  const epoch = model?.epochs.find((each) => each.epoch === event.epoch);
  return model && epoch ? withMovements(known, model, epoch) : known;
}

function apply(state: RunState, event: RunEvent): RunState {
  switch (event.type) {
    case 'run-started':
      return runStarted(state, event);
    case 'process-started':
      return processStarted(state, event);
    case 'process-ended':
      return processEnded(state, event);
    case 'engine': {
      const { framework, version, package: name, backend, device } = event;
      const { library = null, software = false, requested = null, fallback = null } = event;
      // Of several ranks the first one speaks for all, whenever it is read.
      if (state.engine !== null && (rankOf(event.proc) ?? 0) > 0) return state;
      const told = { framework, version, package: name, backend, device };
      return { ...state, engine: { ...told, library, software, requested, fallback } };
    }
    case 'cache': {
      const others = state.caches.filter(
        ({ model, proc }) => model !== event.model || proc !== event.proc,
      );
      return { ...state, caches: [...others, event] };
    }
    case 'message': {
      return { ...state, messages: withMessage(state.messages, event) };
    }
    case 'config-error': {
      const { text, advice, file, line, column } = event;
      return { ...state, configError: { text, advice, file, line, column } };
    }
    case 'stopped':
      return event.reason === 'inspected' ? state : stoppedBy(state, event);
    case 'run-ended':
      return runEnded(state, event);
    case 'model':
    case 'epoch-started':
    case 'progress':
    case 'epoch-ended':
    case 'verified': {
      const models = reduceModels(state, event);
      if (models === state.models) return state;
      const training =
        state.endedAt === null && (state.status === 'starting' || state.status === 'lost');
      return { ...state, models, status: training ? 'training' : state.status };
    }
  }
}
