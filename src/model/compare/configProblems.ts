import { formatProblem, type ConfigProblem } from '../../freeze/config';

/** The config cannot be held against these checkpoints: it is not valid, or a rule matches nothing. */
export class ConfigProblems extends Error {
  override readonly name = 'ConfigProblems';

  constructor(
    /** The config, as messages show it. */
    readonly file: string,
    /** At least one is an error. */
    readonly problems: readonly ConfigProblem[],
  ) {
    super(problems.map((problem) => formatProblem(file, problem)).join('\n'));
  }
}
