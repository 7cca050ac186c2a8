import { parseEventLine, type EventOf, type RunEvent } from './events';
import { reduceModels } from './reduceModels';
import type { ProcessState, RunState, RunStatus } from './state';
import { runVerdict } from './verdict';

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
    configError: null,
    processes: [],
    models: [],
    messages: [],
    livePids: [],
    garbledLines: 0,
    verdict: { kind: 'pending' },
  };
}

/** The state after one more event. Pure; a progress event copies nothing that it does not change. */
export function reduce(state: RunState, event: RunEvent): RunState {
  const next = apply(state, event);
  if (next === state || event.type === 'progress') return next;
  return { ...next, verdict: runVerdict(next) };
}

/** The state after one more line of the events file; a line that cannot be read is counted. */
export function reduceLine(state: RunState, line: string): RunState {
  if (line.trim() === '') return state;
  const parsed = parseEventLine(line);
  switch (parsed.kind) {
    case 'event':
      return reduce(state, parsed.event);
    case 'unknown':
      return state;
    case 'invalid': {
      const next = { ...state, garbledLines: state.garbledLines + 1 };
      return { ...next, verdict: runVerdict(next) };
    }
  }
}

/** Whether no more events are to be expected. */
export function isOver(state: RunState): boolean {
  return state.endedAt !== null || state.status === 'lost';
}

/**
 * The state with what only the machine can tell: a run whose end was not written and of which no
 * known process is alive is `lost`. As long as no process id is known, nothing is concluded.
 */
export function withLiveness(state: RunState, isAlive: (pid: number) => boolean): RunState {
  if (isOver(state)) return state;
  const known = state.livePids.length > 0 || state.processes.length > 0;
  if (!known || state.livePids.some(isAlive)) return state;
  const next: RunState = { ...state, status: state.status === 'stopped' ? 'stopped' : 'lost' };
  return { ...next, verdict: runVerdict(next) };
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
      return { ...state, engine: { framework, version, package: name, backend, device } };
    }
    case 'message': {
      const { t, level, code, text, advice } = event;
      return { ...state, messages: [...state.messages, { t, level, code, text, advice }] };
    }
    case 'config-error': {
      const { text, advice, file, line, column } = event;
      return { ...state, configError: { text, advice, file, line, column } };
    }
    case 'stopped':
      return event.reason === 'inspected' || state.endedAt !== null
        ? state
        : { ...state, status: 'stopped' };
    case 'run-ended':
      return runEnded(state, event);
    case 'model':
    case 'epoch-started':
    case 'progress':
    case 'epoch-ended':
    case 'verified': {
      const models = reduceModels(state.models, event);
      if (models === state.models) return state;
      const training = state.status === 'starting' || state.status === 'lost';
      return { ...state, models, status: training ? 'training' : state.status };
    }
  }
}

function runStarted(state: RunState, event: EventOf<'run-started'>): RunState {
  const { command, cwd, launcher, permafrost, onMove, rules, pid } = event;
  return {
    ...state,
    ...{ command, cwd, launcher, permafrost, onMove, rules },
    startedAt: event.t,
    livePids: pid === null ? state.livePids : union(state.livePids, pid),
  };
}

function processStarted(state: RunState, event: EventOf<'process-started'>): RunState {
  const { proc, pid, runtime, argv, t } = event;
  if (state.processes.some((process) => process.proc === proc)) return state;
  const process: ProcessState = {
    ...{ proc, pid, runtime, argv },
    startedAt: t,
    endedAt: null,
    exitCode: null,
  };
  return {
    ...state,
    processes: [...state.processes, process],
    livePids: union(state.livePids, pid),
  };
}

function processEnded(state: RunState, event: EventOf<'process-ended'>): RunState {
  const processes = state.processes.map((process) =>
    process.proc === event.proc ? { ...process, endedAt: event.t, exitCode: event.code } : process,
  );
  const gone = processes.find(({ proc }) => proc === event.proc)?.pid;
  const alive = processes.some(({ pid, endedAt }) => pid === gone && endedAt === null);
  return {
    ...state,
    processes,
    livePids: alive ? state.livePids : state.livePids.filter((pid) => pid !== gone),
  };
}

function runEnded(state: RunState, event: EventOf<'run-ended'>): RunState {
  if (state.endedAt !== null) return state;
  const { code, signal = null, cancelled = false } = event;
  return {
    ...state,
    status: endStatus(state, code, signal, cancelled),
    endedAt: event.t,
    exitCode: code,
    signal,
    livePids: [],
  };
}

function endStatus(
  state: RunState,
  code: number | null,
  signal: string | null,
  cancelled: boolean,
): RunStatus {
  if (state.status === 'stopped') return 'stopped';
  if (cancelled) return 'cancelled';
  if (signal !== null) return 'failed';
  const known = code ?? state.processes.at(-1)?.exitCode ?? null;
  if (known === null) return 'lost';
  return known === 0 ? 'finished' : 'failed';
}

function union(pids: readonly number[], pid: number): readonly number[] {
  return pids.includes(pid) ? pids : [...pids, pid];
}
