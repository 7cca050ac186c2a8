import * as z from 'zod/mini';

/** What a script gets when the config does not say otherwise. */
export const DEFAULT_ON_MOVE = 'report';
/** Optimizer steps. */
export const DEFAULT_EPOCH_STEPS = 100;
export const DEFAULT_CACHE = 'off';

/** What TensorFlow.js can be told to run on; `auto` takes the fastest that works. */
export const ENGINES = ['auto', 'gpu', 'webgpu', 'node', 'wasm', 'cpu'] as const;
/** One of `ENGINES`. */
export type EngineChoice = (typeof ENGINES)[number];

/** Without examples: the editor would propose them beside the names that are there. */
const glob = (description: string) => z.string().check(z.minLength(1), z.meta({ description }));

const epoch = (description: string) =>
  z.int().check(z.gte(1), z.meta({ description, examples: [5] }));

const PATTERN =
  '`*` stays within a part of the name, `**` crosses parts, `?` is one character, `[a-z]` a ' +
  'class, `{a,b}` alternatives. Parts are separated by `.` or `/`. `features.**` is everything ' +
  'below `features`.';

const ruleObject = z
  .strictObject({
    match: glob(`Pattern over the full name of a tensor; a leading "!" thaws. ${PATTERN}`),
    type: z.optional(
      glob(
        'Pattern over the class of the module or layer that owns the tensor, such as `*BatchNorm*`.',
      ),
    ),
    tensors: z.optional(
      z.enum(['parameters', 'statistics']).check(
        z.meta({
          description:
            'Match only parameters, or only statistics (such as the running mean and variance ' +
            'of BatchNorm). Without it, both.',
        }),
      ),
    ),
    model: z.optional(
      glob('Pattern over the name or the class of the model. Without it, every model.'),
    ),
    from: z.optional(epoch('First epoch in which the rule applies, counted from 1.')),
    until: z.optional(epoch('Last epoch in which the rule applies, counted from 1.')),
    freeze: z.optional(
      z.boolean().check(z.meta({ description: '`false` thaws what earlier rules froze.' })),
    ),
  })
  .check(
    z.meta({
      description: 'A rule with conditions. It freezes what meets all of them.',
      examples: [
        { match: '**', type: '*BatchNorm*', tensors: 'statistics' },
        { match: 'layer3.**', until: 5 },
      ],
    }),
  );

const ruleText = glob(
  `Freeze the tensors whose full name matches; a leading "!" thaws. ${PATTERN}`,
);

/** A rule as the file holds it. */
export const ruleFormat = z.union([ruleText, ruleObject]);

/** The whole of `permafrost.json`: the one definition behind validation and JSON schema. */
export const configFormat = z.strictObject({
  $schema: z.optional(
    z.string().check(z.meta({ description: 'Where the JSON schema of this file is.' })),
  ),
  command: z.optional(
    z.string().check(
      z.minLength(1),
      z.meta({
        description: 'The command that trains, as you would type it in the terminal.',
        examples: ['node train.js', 'python train.py --epochs 10'],
      }),
    ),
  ),
  model: z.optional(
    z.string().check(
      z.minLength(1),
      z.refine((path) => !path.includes('\0')),
      z.meta({
        description:
          'A checkpoint (a file, or a folder with its shards), relative to the folder of this ' +
          'file or absolute. The names of its tensors are shown and proposed until a newer ' +
          'inspection knows better; nothing in it is run, and training does not read it.',
      }),
    ),
  ),
  freeze: z._default(
    z.array(ruleFormat).check(
      z.meta({
        description:
          'What to freeze. The last rule that applies to a tensor decides, as in .gitignore.',
        examples: [
          ['features.**', '!features.12.bias'],
          ['**', '!classifier.**'],
        ],
      }),
    ),
    [],
  ),
  onMove: z._default(
    z.enum(['stop', 'report']).check(
      z.meta({
        description:
          'What to do when a frozen tensor moved: end the training after that epoch, or report ' +
          'it and go on.',
      }),
    ),
    DEFAULT_ON_MOVE,
  ),
  epochSteps: z._default(
    z.int().check(
      z.gte(1),
      z.meta({
        description:
          'For hand-written training loops without a better clock: how many optimizer steps ' +
          'count as an epoch.',
      }),
    ),
    DEFAULT_EPOCH_STEPS,
  ),
  engine: z.optional(
    z.enum(ENGINES).check(
      z.meta({
        description:
          'TensorFlow.js only: what the training runs on. `gpu` and `node` are libtensorflow with ' +
          'CUDA and on the CPU, `webgpu` any GPU without CUDA, `wasm` and `cpu` come with ' +
          'TensorFlow.js; `auto` takes the fastest that works here for this model. Without it, ' +
          'what the script loads.',
      }),
    ),
  ),
  cache: z._default(
    z.enum(['off', 'auto', 'on']).check(
      z.meta({
        description:
          'TensorFlow.js only: whether the outputs of the first layers, while all of them are ' +
          'frozen, are computed once for each sample instead of in every epoch. `auto` does so ' +
          'where it pays.',
      }),
    ),
    DEFAULT_CACHE,
  ),
});

export const CONFIG_KEYS: readonly string[] = Object.keys(configFormat.shape);
export const RULE_KEYS: readonly string[] = Object.keys(ruleObject.shape);
