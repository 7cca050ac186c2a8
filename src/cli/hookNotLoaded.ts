import { basename } from 'node:path';
import type { RunState } from '../runs/state';

/** What is wrong, and the way out. */
export interface NotLoaded {
  /** A sentence without a full stop. */
  readonly text: string;
  readonly advice: string;
}

const PYTHON = /^(?:python|pypy)[\d.]*(?:\.exe)?$/;
const LAUNCHERS = ['torchrun', 'accelerate', 'deepspeed', 'uv', 'conda', 'poetry', 'pipenv'];
/** They start the command with an environment of their own. */
const CLEAN = ['sudo', 'docker', 'podman', 'singularity', 'apptainer', 'ssh'];
/** Messages that tell better why there is no hook. */
const TOLD = ['torch-missing', 'hook-not-loaded', 'hook-fault'];

/**
 * What to tell of a Python command of which no process had the hook; null when all is well. A
 * command that failed without a sign of isolation has told itself why.
 * @param code the exit code
 */
export function hookNotLoaded(
  command: string,
  { processes, messages }: Pick<RunState, 'processes' | 'messages'>,
  code: number | null,
): NotLoaded | null {
  if (processes.length > 0 || messages.some((message) => TOLD.includes(message.code))) return null;
  const words = shellWords(command);
  if (!words.some(isPython)) return null;
  const flag = isolatingFlag(words);
  if (flag !== null) {
    return {
      text: `The hook did not load: ${flag} makes Python ignore it`,
      advice: `Take ${flag} out of the command; -I, -E and -S keep PYTHONPATH or sitecustomize out.`,
    };
  }
  const clean = words.map((word) => basename(word)).find((name) => CLEAN.includes(name));
  if (clean !== undefined) {
    return {
      text: `The hook did not load: ${clean} does not pass on the environment`,
      advice: `Run permafrost inside: ${clean} … python -m permafrost run -- …`,
    };
  }
  if (code !== 0) return null;
  return {
    text: 'The hook did not load: no process of the command imported torch with it',
    advice:
      'Either nothing imports torch, or the environment does not reach what does: env -i, a ' +
      'container or another machine, or an interpreter started with -I, -E or -S.',
  };
}

/** The words of a command, as far as quotes tell them apart. */
function shellWords(command: string): readonly string[] {
  const words = command.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? [];
  return words.map((word) => word.replace(/["']/g, ''));
}

function isPython(word: string): boolean {
  const name = basename(word);
  return PYTHON.test(name) || LAUNCHERS.includes(name) || name.endsWith('.py');
}

/** The flag that an interpreter in the command gets: `-I`, `-sE`. */
function isolatingFlag(words: readonly string[]): string | null {
  for (const [index, word] of words.entries()) {
    const flag = PYTHON.test(basename(word)) ? isolatingOption(words.slice(index + 1)) : null;
    if (flag !== null) return flag;
  }
  return null;
}

function isolatingOption(words: readonly string[]): string | null {
  for (let index = 0; index < words.length; index++) {
    const option = words[index] ?? '';
    if (!/^-[^-]/.test(option)) {
      if (option.startsWith('--') && option !== '--') continue;
      return null;
    }
    // What stands behind these letters belongs to them: the script's code, a warning filter.
    const [, own = '', last = '', rest = ''] = /^-([^cmWX]*)([cmWX]?)(.*)$/s.exec(option) ?? [];
    if (/[IES]/.test(own)) return option;
    if (last === 'c' || last === 'm') return null;
    if (last !== '' && rest === '') index++;
  }
  return null;
}
