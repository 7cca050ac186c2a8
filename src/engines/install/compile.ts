import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execute, fullDisk, lastLines, tellsOfFullDisk } from './execute';
import { compiler } from './machine';
import { EngineError, type InstallRequest } from './report';

/** Node-API 8 is what Node 18 to 24 have, so one addon serves them all. */
const NODE_API = 8;

export interface AddonSources {
  /** Folder of the npm package: its sources are in `binding`. */
  readonly package: string;
  /** Folder with `node_api.h`. */
  readonly nodeHeaders: string;
  /** Folder with `tensorflow/c/c_api.h`. */
  readonly headers: string;
}

/** The compiler. @throws EngineError when there is none, with how to get one */
export function needCompiler(env: NodeJS.ProcessEnv): string {
  const found = compiler(env);
  if (found !== null) return found;
  throw new EngineError('no-compiler', 'There is no C++ compiler on PATH.', howToGetOne());
}

/** How to install a C++ compiler here, as a sentence. */
export function howToGetOne(): string {
  return process.platform === 'darwin'
    ? 'Install one with: xcode-select --install.'
    : 'Install one, with: sudo apt-get install g++ (Debian, Ubuntu), sudo dnf install gcc-c++ (Fedora, RHEL), sudo zypper install gcc-c++ (SUSE) or sudo pacman -S gcc (Arch).';
}

/**
 * Compiles the addon of a package against the library in its `deps/lib`, which it finds there by
 * itself when it is loaded.
 * @returns the addon, relative to the package
 * @throws EngineError
 */
export async function compileAddon(
  sources: AddonSources,
  { env, signal, home, report }: InstallRequest,
): Promise<string> {
  const file = needCompiler(env);
  report({ type: 'progress', step: 'compile', done: 0, total: 0, text: `Compiling with ${file}` });
  const addon = `lib/napi-v${NODE_API}/tfjs_binding.node`;
  await mkdir(join(sources.package, 'lib', `napi-v${NODE_API}`), { recursive: true });
  const { code, output } = await execute(
    file,
    [
      ...['-O2', '-std=c++17', '-shared', '-fPIC', `-DNAPI_VERSION=${NODE_API}`],
      ...['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc'],
      ...[`-I${sources.nodeHeaders}`, `-I${sources.headers}`],
      ...['deps/lib/libtensorflow_cc.so.2', 'deps/lib/libtensorflow_framework.so.2'],
      // By parts of its own: the folder is renamed once it is finished.
      ...['-Wl,-rpath,$ORIGIN/../../deps/lib', '-o', addon],
    ],
    { cwd: sources.package, env, signal },
  );
  if (code === 0) return addon;
  if (tellsOfFullDisk(output)) throw fullDisk(home, output);
  throw new EngineError(
    'failed',
    `${file} cannot compile the addon: ${lastLines(output, 8)}`,
    'It needs C++17: g++ 8 or clang 7 and newer, which the variable CXX may name.',
  );
}
