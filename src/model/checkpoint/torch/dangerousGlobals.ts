import type { PyGlobal } from './pickle/value';
import { isBuiltins, isUsual } from './usualGlobals';

/** Modules whose functions run programs, import or load: whatever of them a pickle calls. */
const DANGEROUS =
  /^(?:_?posix(?:subprocess)?|nt|os|subprocess|sys|runpy|pty|importlib|imp|zipimport|pkgutil|_?pickle|cPickle|marshal|shelve|dill|cloudpickle|joblib|code|codeop|commands|popen2|platform|pdb|bdb|cProfile|profile|trace|timeit|doctest|unittest|webbrowser|antigravity|urllib\d?|http|httplib|requests|aiohttp|httpx|ftplib|smtplib|poplib|imaplib|telnetlib|socket|socketserver|_socket|ssl|xmlrpc|asyncio|_asyncio|multiprocessing|concurrent|threading|_thread|thread|ctypes|_ctypes|cffi|shutil|tempfile|glob|fileinput|io|_io|_pyio|linecache|py_compile|compileall|distutils|setuptools|pip|_pip|ensurepip|venv|pydoc|inspect|ast|types|operator|_operator|functools|itertools|gc|signal|atexit|sqlite3|_sqlite3|logging|lib2to3|idlelib|site|rlcompleter|torch\.(?:hub|load|serialization|jit|package|utils\.(?:cpp_extension|bottleneck|collect_env|data|_config_module)|distributed\.(?:rpc|run|launcher|elastic)|_inductor|_dynamo|fx|testing|onnx|multiprocessing|storage)|torch\.(?:save|compile|from_file|ops|classes)|numpy\.(?:load\w*|save\w*|from(?:file|regex)|genfromtxt|memmap|DataSource|ctypeslib|lib|f2py|testing|distutils)|pandas|transformers\.(?:dynamic_module_utils|utils\.hub)|tensorflow|keras|yaml|jinja2)(?:\.|$)/;

/** Since protocol 4 a name may lead through attributes: to `os` by way of a harmless module. */
const WAYS =
  /\.(?:os|sys|posix|nt|subprocess|builtins|__builtins__|__globals__|importlib|shutil|socket|runpy|pickle|ctypes|io)\./;

/** Whether torch.load is known to run programs, to load, to write or to fetch by calling it. */
export function isDangerous(global: PyGlobal): boolean {
  const { module, name, path } = global;
  if (isUsual(global)) return false;
  if (isBuiltins(module)) return true;
  if (module === 'torch.storage' || module.startsWith('torch.storage.'))
    return name.startsWith('_load');
  return DANGEROUS.test(path) || (name.includes('.') && WAYS.test(`.${name}.`));
}
