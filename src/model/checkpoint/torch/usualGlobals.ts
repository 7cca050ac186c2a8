import type { PyGlobal } from './pickle/value';

/** Of Python: containers, and the classes of data that training scripts keep beside a model. */
const PYTHON: ReadonlyMap<string, RegExp> = new Map([
  ['_codecs', /^encode$/],
  ['argparse', /^Namespace$/],
  ['collections', /^(?:OrderedDict|defaultdict|Counter|deque)$/],
  ['datetime', /^(?:date|datetime|time|timedelta|timezone)$/],
  ['decimal', /^Decimal$/],
  ['fractions', /^Fraction$/],
  ['functools', /^partial$/],
  ['multiprocessing.managers', /^DictProxy$/],
  ['types', /^SimpleNamespace$/],
  ['uuid', /^UUID$/],
]);
const OBJECTS = /^(?:_reconstructor|__newobj__|__newobj_ex__)$/;
const PATHS = /^(?:Pure)?(?:Posix|Windows)?Path$/;
const DATA =
  /^(?:set|frozenset|list|dict|tuple|bytearray|bytes|complex|slice|x?range|int|float|str|bool|long|unicode|object|type|Ellipsis|NotImplemented|NoneType|print)$/;

/**
 * What PyTorch saves tensors and their parts with: `_get_allowed_globals` of
 * torch/_weights_only_unpickler.py, what torch.distributed.tensor adds to it, and what versions
 * before wrote.
 */
const TORCH: ReadonlyMap<string, RegExp> = new Map([
  [
    'torch',
    /^(?:Size|Tensor|device|\w+Storage|\w+Tensor|(?:u?int|qu?int|b?float|b?complex|bits)\d\w*|bool|bfloat16)$/,
  ],
  [
    'torch._utils',
    /^_rebuild_(?:tensor(?:_v2|_v3)?|parameter(?:_with_state)?|qtensor|sparse_tensor|sparse_csr_tensor|nested_tensor|meta_tensor_no_storage|wrapper_subclass|device_tensor_from_numpy|device_tensor_from_cpu_tensor|xla_tensor)$/,
  ],
  ['torch._tensor', /^(?:Tensor|_rebuild_from_type(?:_v2)?)$/],
  ['torch.autograd.variable', /^Variable$/],
  ['torch.nn.parameter', /^(?:Parameter|Buffer)$/],
  ['torch.serialization', /^_get_layout$/],
  ['torch.storage', /^_?(?:Typed|Untyped)Storage$/],
  ['torch.jit._pickle', /^(?:build_(?:int|tensor|double|bool)list|restore_type_tag)$/],
  ['torch.fx.immutable_collections', /^immutable_(?:dict|list)$/],
  ['torch.distributed._mesh_layout', /^_(?:Flat|Mesh)Layout$/],
  ['torch.distributed.device_mesh', /^DeviceMesh$/],
  ['torch.distributed.tensor', /^DTensor$/],
  ['torch.distributed.tensor._api', /^DTensor$/],
  ['torch.distributed.tensor._dtensor_spec', /^(?:DTensorSpec|TensorMeta|ShardOrderEntry)$/],
  [
    'torch.distributed.tensor.placement_types',
    /^(?:Partial|Replicate|Shard|_StridedShard|Placement)$/,
  ],
]);
/** `torch.cuda.FloatStorage`, `torch.sparse.FloatTensor` */
const OF_DEVICE = /^torch\.(?:cuda|sparse|cuda\.sparse|xpu|hpu|mps)\.\w+(?:Storage|Tensor)$/;

/** NumPy's arrays, numbers and types; its modules were renamed in NumPy 2. */
const NUMPY =
  /^numpy(?:\.(?:dtype|ndarray)|\._?core\.multiarray\.(?:_reconstruct|scalar)|\._?core\.numeric\._frombuffer|\.dtypes\.\w+DType)$/;
const OMEGACONF =
  /^omegaconf\.(?:dictconfig\.DictConfig|listconfig\.ListConfig|base\.(?:Container)?Metadata|nodes\.\w+Node)$/;

/** Whether it is one of those that tensors, state dicts and usual training checkpoints are made of. */
export function isUsual({ module, name, path }: PyGlobal): boolean {
  if (isBuiltins(module)) return DATA.test(name);
  if (/^copy_?reg$/.test(module)) return OBJECTS.test(name);
  if (/^pathlib(?:\._local)?$/.test(module)) return PATHS.test(name);
  // Classes of TorchScript, which are looked up in the archive.
  if (/^__torch__(?:\.|$)/.test(module)) return true;
  const known = PYTHON.get(module) ?? TORCH.get(module);
  if (known !== undefined) return known.test(name);
  return OF_DEVICE.test(path) || NUMPY.test(path) || OMEGACONF.test(path);
}

export function isBuiltins(module: string): boolean {
  return /^(?:builtins|__builtin__|__builtins__)$/.test(module);
}
