import { describe, expect, it } from 'vitest';
import { stripWrappers } from '../../../../src/model/checkpoint/torch/wrappers';

// By name in state dicts only, which tell no classes: the Python hook sees modules, and knows
// wrappers by their classes (python/permafrost/distributed/wrappers.py), so it has no such vectors.
describe('stripWrappers', () => {
  it.each<[string, string[], string[]]>([
    ['DataParallel and DDP', ['module.a.w', 'module.b'], ['a.w', 'b']],
    ['torch.compile', ['_orig_mod.a.w', '_orig_mod.b'], ['a.w', 'b']],
    ['a compiled part', ['a._orig_mod.w', 'b'], ['a.w', 'b']],
    ['DDP of a compiled model', ['module._orig_mod.a'], ['a']],
    ['a compiled DDP', ['_orig_mod.module.a'], ['a']],
    ['FSDP', ['_fsdp_wrapped_module.a._fsdp_wrapped_module.w'], ['a.w']],
    ['FSDP of old', ['_fsdp_wrapped_module._fpw_module.a'], ['a']],
    ['activation checkpoints', ['a._checkpoint_wrapped_module.w'], ['a.w']],
    ['Lightning Fabric', ['_forward_module.a', '_original_module.b'], ['a', 'b']],
    ['AveragedModel', ['n_averaged', 'module.a'], ['n_averaged', 'a']],
    ['a submodule of the user called module', ['module.a', 'head.b'], ['module.a', 'head.b']],
    ['a submodule of that name within', ['a.module.w', 'a.b'], ['a.module.w', 'a.b']],
    ['names that would become equal', ['a._orig_mod.w', 'a.w'], ['a._orig_mod.w', 'a.w']],
    ['a module within a wrapper', ['module.module.a', 'module.module.b'], ['module.a', 'module.b']],
    ['a tensor that bears the name', ['_orig_mod', 'module'], ['_orig_mod', 'module']],
    ['nothing', [], []],
  ])('%s', (_, names, expected) => {
    expect(stripWrappers(names)).toEqual(expected);
  });
});
