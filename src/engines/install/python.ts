import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execute, fullDisk, lastLines, tellsOfFullDisk } from './execute';
import { programOnPath } from './machine';
import { PYTHON_PROGRAM } from './pythonProgram';
import { EngineError, type EngineFailure, type InstallRequest } from './report';

/** Where people keep the virtual environment of a project. */
const ENVIRONMENTS = ['.venv', 'venv', 'env'];
const WINDOWS = process.platform === 'win32';

/** What a Python has; found without importing any of it. */
export interface PythonFacts {
  readonly executable: string;
  readonly version: string;
  readonly pip: boolean;
  /** Folder of the package `tensorflow`. */
  readonly tensorflow: string | null;
  /** Whether that tensorflow is built for CUDA. */
  readonly cuda: boolean;
  /** Folder of the CUDA libraries that pip installs. */
  readonly nvidia: string | null;
}

export interface Python {
  /** Program and arguments that start it. */
  readonly command: readonly [string, ...string[]];
  readonly facts: PythonFacts;
}

/**
 * The interpreters to ask, the selected one first: `--python`, the active environment, that of the
 * project, PATH's, the one that PATH's pip belongs to.
 */
export function pythonCommands({
  python,
  project,
  env,
}: Pick<InstallRequest, 'python' | 'project' | 'env'>): readonly string[] {
  if (python !== undefined) return [python];
  const environments = [
    env['VIRTUAL_ENV'],
    env['CONDA_PREFIX'],
    ...ENVIRONMENTS.map((name) => join(project, name)),
  ];
  const files = environments.flatMap((folder) =>
    folder === undefined || folder === '' ? [] : [interpreterIn(folder)],
  );
  const onPath = [...(WINDOWS ? ['python', 'py'] : ['python3', 'python'])].map((name) =>
    programOnPath(name, env),
  );
  const all = [...files.filter((file) => existsSync(file)), ...onPath, pipsPython(env)];
  return [...new Set(all.filter((file) => file !== null))];
}

/**
 * Asks the interpreters what they have; those that do not start are left out. Where none has pip,
 * uv is asked for one that does.
 * @param cwd an empty folder: what lies in it could stand before Python's own modules
 */
export async function askPythons(request: InstallRequest, cwd: string): Promise<readonly Python[]> {
  const found: Python[] = [];
  for (const file of pythonCommands(request)) {
    const python = await ask([file], request, cwd);
    if (python !== null) found.push(python);
  }
  const uv = programOnPath('uv', request.env);
  if (uv !== null && !found.some(({ facts }) => facts.pip)) {
    const python = await ask(
      [uv, 'run', '--quiet', '--no-project', '--with', 'pip', 'python'],
      request,
      cwd,
    );
    // Its environment is uv's own: no tensorflow in it is the user's choice.
    if (python !== null) found.push({ ...python, facts: { ...python.facts, tensorflow: null } });
  }
  return found;
}

async function ask(
  command: Python['command'],
  request: InstallRequest,
  cwd: string,
): Promise<Python | null> {
  try {
    return {
      command,
      facts: (await runPython(command, { do: 'facts' }, request, cwd)) as PythonFacts,
    };
  } catch (error) {
    if (error instanceof EngineError && error.code === 'failed') return null;
    throw error;
  }
}

/**
 * Runs one command of `PYTHON_PROGRAM`.
 * @param onProgress told bytes done and bytes in all
 * @throws EngineError
 */
export async function runPython(
  [file, ...args]: Python['command'],
  work: object,
  { env, signal, home }: Pick<InstallRequest, 'env' | 'signal' | 'home'>,
  cwd: string,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<unknown> {
  let last: unknown = null;
  const onLine = (line: string): void => {
    const said = parse(line);
    if (typeof said?.['done'] === 'number' && typeof said['total'] === 'number') {
      onProgress(said['done'], said['total']);
    } else if (said !== null) last = said;
  };
  const program = [...args, '-c', PYTHON_PROGRAM, JSON.stringify(work)];
  const { output } = await execute(file, program, { cwd, env, signal, onLine });
  const said = last as Readonly<Record<string, unknown>> | null;
  if (said !== null && 'result' in said) return said['result'];
  const [code, text] = [said?.['error'], said?.['text']];
  if (code === 'no-space' || (said === null && tellsOfFullDisk(output)))
    throw fullDisk(home, output);
  if (typeof code === 'string' && typeof text === 'string') {
    throw new EngineError(code as EngineFailure, sentence(text), ADVICE[code] ?? '');
  }
  throw new EngineError('failed', `${file} failed: ${lastLines(output)}`, '');
}

const ADVICE: Readonly<Record<string, string>> = {
  'no-network':
    'Check the connection, and what `pip config list` says of index and proxy. What was downloaded is kept.',
  unsupported: 'Choose another engine: permafrost engine status tells what this machine can have.',
  corrupt: 'Start it again: the file was deleted and will be downloaded anew.',
};

function parse(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' ? (value as Readonly<Record<string, unknown>> | null) : null;
  } catch {
    return null;
  }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function interpreterIn(folder: string): string {
  return WINDOWS ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
}

/** The interpreter in the first line of PATH's pip, which may see packages that no other does. */
function pipsPython(env: NodeJS.ProcessEnv): string | null {
  const pip = programOnPath('pip', env) ?? programOnPath('pip3', env);
  if (pip === null || WINDOWS) return null;
  const interpreter = /^#!(\/\S*python[\d.]*)\n/.exec(
    readFileSync(pip, 'latin1').slice(0, 256),
  )?.[1];
  return interpreter !== undefined && existsSync(interpreter) ? interpreter : null;
}
