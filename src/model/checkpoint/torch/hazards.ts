import type { CheckpointWarning } from '../checkpoint';
import type { PyGlobal, Value } from './pickle/value';

/** Modules whose functions run programs, import or load: whatever of them a pickle calls. */
const DANGEROUS =
  /^(?:_?posix(?:subprocess)?|nt|os|subprocess|sys|runpy|pty|importlib|imp|zipimport|pkgutil|_?pickle|cPickle|marshal|shelve|dill|cloudpickle|joblib|code|codeop|commands|popen2|platform|pdb|bdb|cProfile|profile|trace|timeit|doctest|unittest|webbrowser|antigravity|urllib\d?|http|httplib|requests|aiohttp|httpx|ftplib|smtplib|poplib|imaplib|telnetlib|socket|socketserver|_socket|ssl|xmlrpc|asyncio|_asyncio|multiprocessing|concurrent|threading|_thread|thread|ctypes|_ctypes|cffi|shutil|tempfile|glob|fileinput|io|_io|_pyio|linecache|py_compile|compileall|distutils|setuptools|pip|_pip|ensurepip|venv|pydoc|inspect|ast|types|operator|_operator|functools|itertools|gc|signal|atexit|sqlite3|_sqlite3|logging|lib2to3|idlelib|site|rlcompleter|torch\.(?:hub|load|serialization|jit|package|utils\.(?:cpp_extension|bottleneck|collect_env|data|_config_module)|distributed\.(?:rpc|run|launcher|elastic)|_inductor|_dynamo|fx|testing|onnx|multiprocessing|storage)|torch\.(?:save|compile|from_file|ops|classes)|numpy\.(?:load\w*|save\w*|from(?:file|regex)|genfromtxt|memmap|DataSource|ctypeslib|lib|f2py|testing|distutils)|pandas|transformers\.(?:dynamic_module_utils|utils\.hub)|tensorflow|keras|yaml|jinja2)(?:\.|$)/;
/** Of `builtins`, all but the classes that hold data. */
const BUILTINS = /^(?:builtins|__builtin__|__builtins__)$/;
const DATA =
  /^(?:set|frozenset|list|dict|tuple|bytearray|bytes|complex|slice|x?range|int|float|str|bool|long|unicode|object|type|Ellipsis|NotImplemented|NoneType|print)$/;
/** Dangerous by their module, harmless and common in checkpoints. */
const HARMLESS = new Set([
  'functools.partial',
  'types.SimpleNamespace',
  'torch.serialization._get_layout',
  'torch.jit._pickle.build_intlist',
  'torch.jit._pickle.build_tensorlist',
  'torch.jit._pickle.build_doublelist',
  'torch.jit._pickle.build_boollist',
  'torch.jit._pickle.restore_type_tag',
  'torch.fx.immutable_collections.immutable_dict',
  'torch.fx.immutable_collections.immutable_list',
  'multiprocessing.managers.DictProxy',
]);
/** Where torch and its neighbours keep classes of data; no message about those. */
const KNOWN =
  /^(?:collections|_codecs|copy_?reg|argparse|pathlib|datetime|decimal|fractions|enum|uuid|typing|numpy|torch|omegaconf|__torch__|torch_geometric)(?:\.|$)/;

/** Since protocol 4 a name may lead through attributes: to `os` by way of a harmless module. */
const WAYS =
  /\.(?:os|sys|posix|nt|subprocess|builtins|__builtins__|__globals__|importlib|shutil|socket|runpy|pickle|ctypes|io)\./;

const MOST_NAMED = 20;
const ADVICE =
  'Open it in Python only if you trust where it comes from. Nothing of it was run here.';

interface Hazard {
  readonly global: PyGlobal;
  readonly place: number;
  /** What it would have been called with; null while it is only named. */
  args: readonly Value[] | null;
}

/** Notes what a pickle would have run. */
export class Hazards {
  readonly #dangerous = new Map<string, Hazard>();
  readonly #foreign = new Map<string, Hazard>();

  named(global: PyGlobal, place: number): void {
    const { path } = global;
    const list = isDangerous(global)
      ? this.#dangerous
      : KNOWN.test(path) || BUILTINS.test(global.module)
        ? null
        : this.#foreign;
    if (list !== null && !list.has(path)) list.set(path, { global, place, args: null });
  }

  called(global: PyGlobal, args: readonly Value[]): void {
    const hazard = this.#dangerous.get(global.path) ?? this.#foreign.get(global.path);
    if (hazard !== undefined) hazard.args ??= args;
  }

  warnings(): readonly CheckpointWarning[] {
    const dangerous = [...this.#dangerous.values()];
    const warnings = dangerous.slice(0, MOST_NAMED).map(({ global, place, args }) => ({
      text: `torch.load ${args === null ? 'would load' : 'would run'} ${short(global.path)}${callText(args)}`,
      advice: ADVICE,
      offset: place,
    }));
    if (dangerous.length > MOST_NAMED) {
      const more = dangerous.length - MOST_NAMED;
      const offset = dangerous[MOST_NAMED]?.place ?? null;
      warnings.push({
        ...{
          text: `torch.load would run ${String(more)} more functions like these`,
          advice: ADVICE,
        },
        offset: offset ?? 0,
      });
    }
    return [...warnings, ...this.#foreignWarning()];
  }

  #foreignWarning(): readonly CheckpointWarning[] {
    const all = [...this.#foreign.values()];
    const [first] = all;
    if (first === undefined) return [];
    const names = all.slice(0, MOST_NAMED).map(({ global }) => short(global.path));
    const more = all.length > MOST_NAMED ? ` and ${String(all.length - MOST_NAMED)} more` : '';
    const what = all.length === 1 ? 'the class' : 'classes';
    return [
      {
        text: `The file refers to ${what} ${names.join(', ')}${more} of other code`,
        advice: 'torch.load imports that code, and refuses to by default since PyTorch 2.6.',
        offset: first.place,
      },
    ];
  }
}

function isDangerous({ module, name, path }: PyGlobal): boolean {
  if (HARMLESS.has(path)) return false;
  if (BUILTINS.test(module)) return !DATA.test(name);
  if (module === 'torch.storage' || module.startsWith('torch.storage.'))
    return name.startsWith('_load');
  return DANGEROUS.test(path) || (name.includes('.') && WAYS.test(`.${name}.`));
}

/** The first arguments, as far as they are text or numbers. */
function callText(args: readonly Value[] | null): string {
  if (args === null) return '';
  const shown = args.slice(0, 3).map((arg) => {
    if (typeof arg === 'string') return JSON.stringify(short(arg));
    return typeof arg === 'number' || typeof arg === 'boolean' ? String(arg) : '…';
  });
  return `(${shown.join(', ')}${args.length > 3 ? ', …' : ''})`;
}

function short(text: string): string {
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
