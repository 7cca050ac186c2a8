import { access, constants, realpath } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join, relative } from 'node:path';

/** Where people keep the virtual environment of a project, by what is most usual. */
const ENVIRONMENTS = ['.venv', 'venv', 'env'];

const WINDOWS = process.platform === 'win32';
/** Windows answers `python3` with a page of its store. */
const NAMES = WINDOWS ? ['python', 'py'] : ['python3', 'python'];

/**
 * The Python of the virtual environment in `folder`, else the first one on `path`; as one types it
 * in a terminal that stands in `folder`. Undefined when there is none. Never throws.
 */
export async function findPython(
  folder: string,
  path = process.env['PATH'],
): Promise<string | undefined> {
  for (const name of ENVIRONMENTS) {
    const python = WINDOWS ? join(name, 'Scripts', 'python.exe') : join(name, 'bin', 'python');
    if (await isExecutable(join(folder, python))) return python;
  }
  for (const name of NAMES) if ((await onPath(name, path)) !== undefined) return name;
  return undefined;
}

/**
 * The shortest way to type the interpreter `python` (an absolute path) in a terminal that stands in
 * `folder`: permafrost.json is committed, and names that hold on other machines serve there too.
 */
export async function spellPython(
  python: string,
  folder: string,
  path = process.env['PATH'],
): Promise<string> {
  const inside = relative(folder, python);
  if (!inside.startsWith('..') && !isAbsolute(inside)) return inside;
  for (const name of NAMES) {
    const found = await onPath(name, path);
    if (found !== undefined && (await isSame(found, python))) return name;
  }
  return python;
}

/** The program `name` on `path` (as in the environment variable); undefined when there is none. */
export async function onPath(
  name: string,
  path = process.env['PATH'],
): Promise<string | undefined> {
  const file = WINDOWS ? `${name}.exe` : name;
  for (const directory of (path ?? '').split(delimiter)) {
    if (directory === '') continue;
    const program = join(directory, file);
    if (await isExecutable(program)) return program;
  }
  return undefined;
}

/** A link in another folder may be the Python of a virtual environment, which sees other packages. */
async function isSame(some: string, other: string): Promise<boolean> {
  if (some === other) return true;
  if (dirname(some) !== dirname(other)) return false;
  const [one, two] = await Promise.all([some, other].map((each) => realpath(each)));
  return one === two;
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
