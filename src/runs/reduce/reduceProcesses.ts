import type { EventOf } from '../events';
import { lastAttempt, rankOf } from './ranks';
import type { ProcessState, RunState, RunStatus } from '../state';

/** The state after the launcher's first event. */
export function runStarted(state: RunState, event: EventOf<'run-started'>): RunState {
  const { command, cwd, launcher, permafrost, onMove, rules, pid } = event;
  return {
    ...state,
    ...{ command, cwd, launcher, permafrost, onMove, rules },
    startedAt: event.t,
    livePids: pid === null ? state.livePids : union(state.livePids, pid),
  };
}

/** The state after a process loaded the framework. */
export function processStarted(state: RunState, event: EventOf<'process-started'>): RunState {
  const { proc, pid, runtime, argv, t, worldSize = null, attempt = 1, host = null } = event;
  if (state.processes.some((process) => process.proc === proc)) return state;
  const process: ProcessState = {
    ...{ proc, pid, runtime, argv, startedAt: t, endedAt: null, exitCode: null },
    rank: event.rank ?? rankOf(proc),
    ...{ worldSize, attempt, host },
  };
  return {
    ...state,
    processes: [...state.processes, process],
    livePids: state.endedAt === null ? union(state.livePids, pid) : state.livePids,
  };
}

/** The state after such a process ended; of a worker thread, its process may live on. */
export function processEnded(state: RunState, event: EventOf<'process-ended'>): RunState {
  const processes = state.processes.map((process) =>
    process.proc === event.proc ? { ...process, endedAt: event.t, exitCode: event.code } : process,
  );
  const running = new Set(processes.filter(isRunning).map(({ pid }) => pid));
  const gone = processes.filter(({ pid }) => !running.has(pid)).map(({ pid }) => pid);
  const launcher = state.livePids.filter((pid) => !processes.some((each) => each.pid === pid));
  return {
    ...state,
    processes,
    livePids: state.livePids.filter((pid) => launcher.includes(pid) || !gone.includes(pid)),
  };
}

/** The state after the launcher's last event; a second one changes nothing. */
export function runEnded(state: RunState, event: EventOf<'run-ended'>): RunState {
  if (state.endedAt !== null) return state;
  const { code, cancelled = false } = event;
  const signal = event.signal ?? null;
  return {
    ...state,
    status: endStatus(state, code, signal, cancelled),
    endedAt: event.t,
    exitCode: code,
    signal,
    livePids: [],
  };
}

/**
 * The state after Permafrost ended a process. What comes after the launcher's last event changes
 * nothing, but the file of a further rank may be read after it.
 */
export function stoppedBy(state: RunState, event: EventOf<'stopped'>): RunState {
  const readLate = (rankOf(event.proc) ?? 0) > 0 && event.t <= (state.endedAt ?? 0);
  return state.endedAt === null || readLate ? { ...state, status: 'stopped' } : state;
}

/**
 * The state of a run whose processes are gone without the launcher's last event: `lost`, unless
 * all of them told how they ended.
 */
export function afterProcesses(state: RunState): RunState {
  const last = lastAttempt(state);
  const processes = state.processes.filter(
    ({ rank, attempt }) => rank === null || attempt === last,
  );
  if (processes.length === 0 || processes.some(isRunning)) return stop(state, 'lost');
  const endedAt = Math.max(...processes.map((process) => process.endedAt ?? 0));
  const exitCode = processes.find(({ exitCode }) => exitCode !== 0)?.exitCode ?? 0;
  return { ...stop(state, exitCode === 0 ? 'finished' : 'failed'), endedAt, exitCode };
}

function stop(state: RunState, status: RunStatus): RunState {
  return {
    ...state,
    status: state.status === 'stopped' ? 'stopped' : status,
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
  // A launcher that cannot tell leaves it to what the last process said, of ranks the first.
  const last = state.processes.findLast(({ rank }) => (rank ?? 0) === 0);
  const known = code ?? last?.exitCode ?? null;
  if (known === null) return 'lost';
  return known === 0 ? 'finished' : 'failed';
}

function isRunning({ endedAt }: ProcessState): boolean {
  return endedAt === null;
}

function union(pids: readonly number[], pid: number): readonly number[] {
  return pids.includes(pid) ? pids : [...pids, pid];
}
