import { parseArgs, type ParseArgsConfig } from 'node:util';
import { didYouMean } from './nearest';
import { UsageError } from './usageError';

type OptionsConfig = NonNullable<ParseArgsConfig['options']>;

type Values<T extends OptionsConfig> = ReturnType<
  typeof parseArgs<{ options: T; allowPositionals: true; strict: true }>
>['values'];

export interface ParsedArguments<T extends OptionsConfig> {
  readonly values: Values<T>;
  readonly words: readonly string[];
}

/**
 * Parses the arguments of a subcommand.
 * @param most how many words it takes beside options
 * @throws UsageError naming the nearest option
 */
export function parseArguments<const T extends OptionsConfig>(
  command: string,
  args: readonly string[],
  options: T,
  most: number,
): ParsedArguments<T> {
  const help = `See permafrost ${command} --help.`;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
      strict: true,
    });
    const extra = positionals[most];
    if (extra !== undefined) {
      throw new UsageError(`permafrost ${command} does not take "${extra}".`, help);
    }
    return { values, words: positionals };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const unknown = /Unknown option '([^']+)'/.exec((error as Error).message)?.[1];
    if (unknown === undefined) throw new UsageError(`${firstSentence(error)}.`, help);
    const known = Object.keys(options).map((name) => `--${name}`);
    throw new UsageError(
      `permafrost ${command} has no option ${unknown}.`,
      didYouMean(unknown, known) + help,
    );
  }
}

/**
 * Parts Permafrost's own options from the user's command: it begins after `--`, or with the first
 * word that is not an option.
 */
export function splitCommand(
  args: readonly string[],
  options: OptionsConfig,
): { readonly own: readonly string[]; readonly command: readonly string[] } {
  for (let index = 0; index < args.length; index++) {
    const word = args[index] ?? '';
    if (word === '--') return { own: args.slice(0, index), command: args.slice(index + 1) };
    if (!word.startsWith('-')) return { own: args.slice(0, index), command: args.slice(index) };
    if (options[word.replace(/^--/, '')]?.type === 'string') index++;
  }
  return { own: args, command: [] };
}

function firstSentence(error: unknown): string {
  return ((error as Error).message.split(/\.\s|\n/)[0] ?? '').replace(/\.$/, '');
}
