import type { PyGlobal } from './pickle/value';

/**
 * The attributes that hold what a wrapper wraps, by its class and where that comes from: as in
 * python/permafrost/distributed/wrappers.py, which knows wrappers by their structure alone.
 */
const WRAPPERS: ReadonlyMap<string, readonly [origins: RegExp, parts: readonly string[]]> = new Map(
  [
    ['DataParallel', [/^torch\.nn\.parallel/, ['module']]],
    ['DistributedDataParallel', [/^(?:torch\.nn\.parallel|apex\.)/, ['module']]],
    [
      'FullyShardedDataParallel',
      [/^(?:torch\.distributed\.fsdp|fairscale\.)/, ['_fsdp_wrapped_module']],
    ],
    ['FlattenParamsWrapper', [/^(?:torch\.distributed\.fsdp|fairscale\.)/, ['_fpw_module']]],
    ['ActivationWrapper', [/^torch\.distributed\./, ['_checkpoint_wrapped_module']]],
    ['CheckpointWrapper', [/^torch\.distributed\./, ['_checkpoint_wrapped_module']]],
    ['OptimizedModule', [/^torch\._dynamo/, ['_orig_mod']]],
    [
      '_FabricModule',
      [
        /^(?:lightning|lightning_fabric|pytorch_lightning)\./,
        ['_original_module', '_forward_module'],
      ],
    ],
    ['DeepSpeedEngine', [/^deepspeed/, ['module']]],
  ],
);

/** The attributes of a pickled module of this class that hold what it wraps; empty for others. */
export function innerParts(type: PyGlobal | null): readonly string[] {
  const known = type === null ? undefined : WRAPPERS.get(type.name);
  return type !== null && known?.[0].test(type.module) === true ? known[1] : [];
}

/** Names that frameworks reserve: no module of a user bears them. */
const RESERVED = new Set([
  '_orig_mod',
  '_fsdp_wrapped_module',
  '_checkpoint_wrapped_module',
  '_fpw_module',
  '_forward_module',
  '_original_module',
]);
/** The counter that `torch.optim.swa_utils.AveragedModel` keeps beside the module. */
const BESIDE = 'n_averaged';

/**
 * The names of a state dict without wrapper prefixes, in their order. A state dict tells no classes,
 * so `module.` is taken for a wrapper's when every name begins with it; names that frameworks
 * reserve are taken out wherever they stand. Nothing is taken out that makes two names equal.
 */
export function stripWrappers(names: readonly string[]): readonly string[] {
  const inner = distinct(names, names.map(withoutReserved));
  const wrapped = inner.filter((name) => name !== BESIDE);
  if (wrapped.length === 0 || !wrapped.every((name) => /^module\../s.test(name))) return inner;
  return distinct(
    inner,
    inner.map((name) => (name === BESIDE ? name : name.slice('module.'.length))),
  );
}

function withoutReserved(name: string): string {
  if (!name.includes('_')) return name;
  const parts = name.split('.');
  return parts.filter((part, at) => at === parts.length - 1 || !RESERVED.has(part)).join('.');
}

function distinct(before: readonly string[], after: readonly string[]): readonly string[] {
  return new Set(after).size === new Set(before).size ? after : before;
}
