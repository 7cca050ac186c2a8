import {
  EVENT_VERSION,
  type EventBody,
  type EventOf,
  type Finding,
  type RunEvent,
} from '../../../src/runs/events';
import { initialState, reduce } from '../../../src/runs/reduce/reduce';
import type { RunState, TensorState } from '../../../src/runs/state';

type Loose<T extends RunEvent['type']> = Partial<EventOf<T>>;

/** Adds version, time and process as the writer does. */
export function event(body: EventBody, at: { t?: number; proc?: string } = {}): RunEvent {
  return { v: EVENT_VERSION, t: at.t ?? 1000, proc: at.proc ?? '7', ...body };
}

export function runStarted(with_: Loose<'run-started'> = {}): RunEvent {
  const body: EventBody = {
    type: 'run-started',
    id: 'r',
    command: 'node train.js',
    cwd: '/p',
    launcher: 'cli',
    permafrost: '0.1.0',
    pid: 6,
    onMove: 'report',
    rules: ['"conv**"'],
  };
  return { ...event(body, { proc: 'launcher' }), ...with_ } as RunEvent;
}

export function processStarted(with_: Loose<'process-started'> = {}): RunEvent {
  const body: EventBody = { type: 'process-started', pid: 7, runtime: 'node v20', argv: ['node'] };
  return { ...event(body), ...with_ } as RunEvent;
}

/** Two frozen kernels and one trainable head, unless told otherwise. */
export function model(with_: Loose<'model'> = {}): RunEvent {
  const span = { from: 1, until: null, rule: 0 };
  const tensors = ['a', 'b', 'head'].map((name): TensorState => ({
    ...{ name, kind: 'parameter', module: '', type: 'Dense', dtype: 'float32' },
    shape: [2],
  }));
  const body: EventBody = {
    type: 'model',
    model: 'net',
    className: 'Sequential',
    tensors,
    frozen: { a: [span], b: [span] },
    matched: [2],
    trainableBefore: 6,
    trainableAfter: 2,
  };
  return { ...event(body), ...with_ } as RunEvent;
}

export function epochStarted(epoch: number, with_: Loose<'epoch-started'> = {}): RunEvent {
  const body: EventBody = { type: 'epoch-started', model: 'net', epoch, epochs: 10, clock: 'fit' };
  return { ...event(body, { t: 1000 + epoch }), ...with_ } as RunEvent;
}

export function progress(epoch: number, batch: number, with_: Loose<'progress'> = {}): RunEvent {
  const body: EventBody = { type: 'progress', model: 'net', epoch, batch, batches: 100, loss: 0.5 };
  return { ...event(body), ...with_ } as RunEvent;
}

export function epochEnded(epoch: number, with_: Loose<'epoch-ended'> = {}): RunEvent {
  const body: EventBody = {
    type: 'epoch-ended',
    model: 'net',
    epoch,
    metrics: { loss: 0.5 },
    milliseconds: 20,
  };
  return { ...event(body), ...with_ } as RunEvent;
}

/** Two intact tensors, less one for each finding, unless told otherwise. */
export function verified(
  epoch: number,
  findings: readonly Finding[] = [],
  with_: Loose<'verified'> = {},
): RunEvent {
  const body: EventBody = {
    type: 'verified',
    model: 'net',
    epoch,
    at: 'epoch-end',
    method: 'bytes',
    milliseconds: 1,
    bytes: 16,
    intact: 2 - findings.length,
    findings: [...findings],
    normalization: [],
    unmoved: [],
  };
  return { ...event(body), ...with_ } as RunEvent;
}

/** A whole epoch. */
export function epoch(number: number, findings: readonly Finding[] = []): readonly RunEvent[] {
  return [
    epochStarted(number),
    progress(number, 50),
    epochEnded(number),
    verified(number, findings),
  ];
}

export function moved(name: string, with_: Partial<Finding> = {}): Finding {
  return { name, verdict: 'moved', elements: 1, maxDelta: 1e-7, cause: null, ...with_ } as Finding;
}

export function message(code: string, text: string): RunEvent {
  return event({ type: 'message', level: 'error', code, text });
}

export function stopped(reason: EventOf<'stopped'>['reason']): RunEvent {
  return event({ type: 'stopped', reason, model: 'net', epoch: 1 });
}

export function processEnded(code: number, proc = '7'): RunEvent {
  return event({ type: 'process-ended', code }, { t: 8000, proc });
}

export function runEnded(code: number | null, with_: Loose<'run-ended'> = {}): RunEvent {
  const body: EventBody = { type: 'run-ended', code, signal: null };
  return { ...event(body, { t: 9000, proc: 'launcher' }), ...with_ } as RunEvent;
}

/** The state that a sequence of events adds up to. */
export function stateOf(...events: readonly (RunEvent | readonly RunEvent[])[]): RunState {
  return events.flat().reduce<RunState>(reduce, initialState('r'));
}
