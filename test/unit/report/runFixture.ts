/** Runs for the report's tests: event lists, brought to a state by the real reducer. */
import { initialState, reduce } from '../../../src/runs/reduce/reduce';
import type { Cause, EventBody, EventOf, Finding, RunEvent } from '../../../src/runs/events';
import type { RunState } from '../../../src/runs/state';

export type Tensor = EventOf<'model'>['tensors'][number];
export type Normalization = EventOf<'verified'>['normalization'];

const START = Date.UTC(2026, 10, 24, 17, 15, 3);

/** Collects events as the launcher and the hook would write them, a second apart. */
export class RunFixture {
  readonly events: RunEvent[] = [];
  private time = START;

  constructor(readonly id = '20261124-181503-ab12') {}

  add(body: EventBody, proc = '4711'): this {
    this.events.push({ v: 1, t: this.time, proc, ...body });
    this.time += 1000;
    return this;
  }

  start(rules: readonly string[], command = 'node train.js'): this {
    return this.add(
      {
        ...{ type: 'run-started', id: this.id, command, cwd: '/home/ada/digits' },
        ...{ launcher: 'editor', permafrost: '0.1.0', pid: null, onMove: 'report' },
        rules: [...rules],
      },
      'launcher',
    )
      .add({ type: 'process-started', pid: 4711, runtime: 'node v20.20.2', argv: ['train.js'] })
      .add({
        ...{ type: 'engine', framework: 'tensorflow.js', version: '4.22.0' },
        ...{ package: '@tensorflow/tfjs', backend: 'cpu' },
        device: 'CPU, pure JavaScript (8 × Intel Xeon)',
      });
  }

  model(
    tensors: readonly Tensor[],
    /** For each frozen tensor the rule that freezes it, in all epochs. */
    frozen: Readonly<Record<string, number>>,
    name = 'digits',
  ): this {
    const train = tensors.filter(({ kind }) => kind === 'parameter');
    const sum = (some: readonly Tensor[]): number =>
      some.reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0);
    const rules = Math.max(-1, ...Object.values(frozen)) + 1;
    return this.add({
      ...{ type: 'model', model: name, className: 'Sequential', tensors: [...tensors] },
      frozen: Object.fromEntries(
        Object.entries(frozen).map(([each, rule]) => [each, [{ from: 1, until: null, rule }]]),
      ),
      matched: Array.from(
        { length: rules },
        (_, rule) => Object.values(frozen).filter((each) => each === rule).length,
      ),
      trainableBefore: sum(train),
      trainableAfter: sum(train.filter((tensor) => !(tensor.name in frozen))),
    });
  }

  epochStarted(epoch: number, epochs: number | null, model = 'digits'): this {
    return this.add({ type: 'epoch-started', model, epoch, epochs, clock: 'fit' });
  }

  progress(epoch: number, batch: number, batches: number, loss: number, model = 'digits'): this {
    return this.add({ type: 'progress', model, epoch, batch, batches, loss });
  }

  epochEnded(epoch: number, metrics: Record<string, number | 'NaN'>, model = 'digits'): this {
    return this.add({ type: 'epoch-ended', model, epoch, metrics, milliseconds: 900 });
  }

  verified(
    epoch: number,
    intact: number,
    findings: readonly Finding[] = [],
    more: { normalization?: Normalization; unmoved?: string[] } = {},
    model = 'digits',
  ): this {
    return this.add({
      ...{ type: 'verified', model, epoch, at: 'epoch-end', method: 'bytes' },
      ...{ milliseconds: 0.4, bytes: 21_504, intact, findings: [...findings] },
      normalization: more.normalization ?? [],
      unmoved: more.unmoved ?? [],
    });
  }

  ended(code = 0): this {
    return this.add({ type: 'process-ended', code }).add({ type: 'run-ended', code }, 'launcher');
  }

  state(): RunState {
    return this.events.reduce(reduce, initialState(this.id));
  }

  /** The state after each event, the first before any. */
  states(): readonly RunState[] {
    const states = [initialState(this.id)];
    for (const event of this.events) states.push(reduce(states.at(-1) ?? initialState(''), event));
    return states;
  }
}

/** The tensors of a small convolutional network with batch normalization. */
export const DIGITS: readonly Tensor[] = [
  ...conv('conv1', [3, 3, 1, 8]),
  ...norm('bn1', 8),
  ...conv('conv2', [3, 3, 8, 16]),
  ...norm('bn2', 16),
  ...dense('hidden', [256, 32]),
  ...dense('logits', [32, 5]),
];

export const FROZEN_DIGITS: Readonly<Record<string, number>> = Object.fromEntries(
  DIGITS.filter(({ module }) => /^(conv|bn)/.test(module)).map(({ name, module }) => [
    name,
    module.startsWith('conv') ? 0 : 1,
  ]),
);

export const DIGITS_RULES = ['"conv*/**"', '{ "match": "**", "type": "*BatchNormalization*" }'];

export function metricsAt(epoch: number): Record<string, number> {
  const decay = Math.exp(-epoch / 3);
  return {
    loss: 0.08 + 1.5 * decay,
    acc: 0.97 - 0.6 * decay,
    val_loss: 0.14 + 1.4 * decay + 0.02 * Math.sin(epoch * 2),
    val_acc: 0.95 - 0.55 * decay,
  };
}

/** Epochs `from` to `until` of the digits network, every frozen tensor intact. */
export function trainIntact(run: RunFixture, until: number, total = until, from = 1): RunFixture {
  const running: Normalization = ['bn1', 'bn2'].map((module) => ({
    module,
    mode: 'running',
    frozen: true,
  }));
  for (let epoch = from; epoch <= until; epoch++) {
    run
      .epochStarted(epoch, total)
      .progress(epoch, 30, 60, 1.2 / epoch)
      .epochEnded(epoch, metricsAt(epoch))
      .verified(epoch, Object.keys(FROZEN_DIGITS).length, [], { normalization: running });
  }
  return run;
}

export function intactRun(epochs = 10): RunFixture {
  return trainIntact(
    new RunFixture().start(DIGITS_RULES).model(DIGITS, FROZEN_DIGITS),
    epochs,
  ).ended();
}

/** conv1's kernel moves in epoch 2, bn2 trains with batch statistics and its statistics move. */
export function movedRun(): RunFixture {
  const run = new RunFixture().start([...DIGITS_RULES, '"fc1/**"']).model(DIGITS, FROZEN_DIGITS);
  const moved = (name: string, elements: number, maxDelta: number, cause: Cause): Finding => ({
    ...{ name, verdict: 'moved', elements, maxDelta, cause },
  });
  for (let epoch = 1; epoch <= 6; epoch++) {
    const findings: Finding[] =
      epoch === 1
        ? []
        : [
            moved('conv1/kernel', 1, 1e-7 * (epoch - 1), {
              ...{ kind: 'assign', text: 'assign() was called', file: 'train.js', line: 31 },
            }),
            ...(['bn2/moving_mean', 'bn2/moving_variance'] as const).map((name) =>
              moved(name, 16, 0.031 * epoch, {
                ...{
                  kind: 'batch-norm',
                  text: 'BatchNormalization updated its running statistics',
                },
              }),
            ),
            ...(epoch === 4
              ? [
                  {
                    name: 'conv2/bias',
                    verdict: 'not verified',
                    reason: 'its bytes could not be read',
                  } as const,
                ]
              : []),
            ...(epoch > 4
              ? [
                  {
                    name: 'conv2/bias',
                    verdict: 'rebased',
                    cause: {
                      kind: 'load',
                      text: 'setWeights() loaded it',
                      file: 'train.js',
                      line: 58,
                    },
                  } as const,
                ]
              : []),
          ];
    run
      .epochStarted(epoch, 6)
      .epochEnded(epoch, epoch === 5 ? { ...metricsAt(epoch), loss: 'NaN' } : metricsAt(epoch))
      .verified(epoch, Object.keys(FROZEN_DIGITS).length - findings.length, findings, {
        normalization: [
          { module: 'bn1', mode: 'running', frozen: true },
          { module: 'bn2', mode: epoch === 1 ? 'running' : 'batch', frozen: true },
        ],
        unmoved: ['hidden/bias'],
      });
  }
  return run
    .add({
      ...{ type: 'message', level: 'warning', code: 'script-thawed' },
      text: 'The script set bn2.trainable = true after compile().',
      advice: 'Freeze its statistics with a rule, or leave the layer alone.',
    })
    .add({
      type: 'message',
      level: 'info',
      code: 'clock',
      text: 'Epochs are those of model.fit().',
    })
    .ended();
}

/**
 * Two ranks, of which rank 1 moved conv1's kernel in epoch 2; the gradients grew, for which a
 * message offers rules. The lines of the ranks take turns.
 */
export function rankedRun(worldSize = 2): RunFixture {
  const names = Object.keys(FROZEN_DIGITS).length;
  const run = new RunFixture().start(DIGITS_RULES, 'torchrun train.py');
  const files = [0, 1].map((rank) => {
    const own = new RunFixture().model(DIGITS, FROZEN_DIGITS);
    for (let epoch = 1; epoch <= 3; epoch++) {
      const moved = { name: 'conv1/kernel', verdict: 'moved', elements: 1, maxDelta: 1 } as const;
      const findings = rank === 1 && epoch > 1 ? [moved] : [];
      own.epochStarted(epoch, 3).epochEnded(epoch, metricsAt(epoch));
      own.add({
        ...{ type: 'verified', model: 'digits', epoch, at: 'epoch-end', method: 'fingerprint' },
        ...{ milliseconds: 1, bytes: 1000, intact: names - findings.length, findings },
        ...{ normalization: [], unmoved: [], digest: `${String(rank)}f` },
        gradientNorm: { first: 1, last: 2 ** epoch, max: epoch === 3 ? 'NaN' : epoch, samples: 8 },
      });
    }
    const proc = `r${String(rank)}.${String(4800 + rank)}`;
    const started: EventBody = {
      ...{ type: 'process-started', pid: 4800 + rank, runtime: 'python 3.11', argv: ['train.py'] },
      ...{ rank, worldSize, attempt: 1, host: `node-${String(rank)}` },
    };
    const [first] = own.events;
    return [{ v: 1 as const, t: first?.t ?? 0, ...started }, ...own.events].map((event) => ({
      ...event,
      proc,
    }));
  });
  for (let line = 0; files.some((file) => line < file.length); line++) {
    for (const file of files) run.events.push(...file.slice(line, line + 1));
  }
  return run
    .add({
      ...{ type: 'message', level: 'warning', code: 'gradients-exploded' },
      ...{ text: 'The gradients grew without bound.', advice: 'Free the later BatchNorm layers.' },
      rules: ['!bn2/**', { match: 'bn1/**', until: 2 }],
    })
    .ended();
}

/**
 * Asked for `gpu`, which is not installed, and falls back; its frozen prefix could be kept and is
 * not asked for.
 */
export function engineRun(): RunFixture {
  const run = new RunFixture()
    .start(DIGITS_RULES)
    .add({
      ...{ type: 'engine', framework: 'tensorflow.js', version: '4.22.0', backend: 'cpu' },
      ...{ package: '@tensorflow/tfjs', device: 'CPU (JavaScript)', requested: 'gpu' },
      fallback: FALLBACK,
    })
    .model(DIGITS, FROZEN_DIGITS);
  return trainIntact(run, 3)
    .add({
      ...{ type: 'cache', model: 'digits', epoch: 1, state: 'offered', layers: 6 },
      ...{ cut: ['flatten'], reason: null, gain: 6.24 },
    })
    .ended();
}

/** Why the engine of `engineRun` is not the one that was asked for. */
export const FALLBACK = 'The engine gpu is not installed, so the backend cpu runs';

/** Epoch 4 of 10 is under way. */
export function runningRun(): RunFixture {
  const run = new RunFixture().start(DIGITS_RULES).model(DIGITS, FROZEN_DIGITS);
  return trainIntact(run, 3, 10).epochStarted(4, 10).progress(4, 34, 60, 0.4123);
}

/** `count` tensors in layers of two, the first half frozen, intact but for what `findings` says. */
export function bigRun(
  count: number,
  epochs: number,
  findings: (epoch: number) => readonly Finding[] = () => [],
): RunFixture {
  const tensors: Tensor[] = Array.from({ length: count }, (_, index) => {
    const layer = `encoder.layer.${String(Math.floor(index / 2))}.attention`;
    return {
      name: `${layer}.${index % 2 === 0 ? 'weight' : 'bias'}`,
      ...{ kind: 'parameter', module: layer, type: 'Linear', dtype: 'float32' },
      shape: index % 2 === 0 ? [64, 64] : [64],
    };
  });
  const half = tensors.slice(0, Math.ceil(count / 2));
  const run = new RunFixture()
    .start(['"encoder.layer.*.attention.**"'])
    .model(tensors, Object.fromEntries(half.map(({ name }) => [name, 0])));
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const found = findings(epoch);
    run
      .epochStarted(epoch, epochs)
      .epochEnded(epoch, metricsAt(epoch))
      .verified(epoch, half.length - found.length, found);
  }
  return run.ended();
}

function conv(module: string, shape: number[]): readonly Tensor[] {
  return [
    parameter(module, 'Conv2D', 'kernel', shape),
    parameter(module, 'Conv2D', 'bias', shape.slice(-1)),
  ];
}

function dense(module: string, shape: number[]): readonly Tensor[] {
  return [
    parameter(module, 'Dense', 'kernel', shape),
    parameter(module, 'Dense', 'bias', shape.slice(-1)),
  ];
}

function norm(module: string, size: number): readonly Tensor[] {
  const type = 'BatchNormalization';
  const statistic = (name: string): Tensor => ({
    ...parameter(module, type, name, [size]),
    kind: 'statistic',
  });
  return [
    parameter(module, type, 'gamma', [size]),
    parameter(module, type, 'beta', [size]),
    statistic('moving_mean'),
    statistic('moving_variance'),
  ];
}

function parameter(module: string, type: string, name: string, shape: number[]): Tensor {
  return { name: `${module}/${name}`, kind: 'parameter', module, type, dtype: 'float32', shape };
}
