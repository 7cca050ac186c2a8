/** The commands on checkpoint files: a bundle of its own, loaded when one of them is called. */
import { CheckpointError } from '../../model/checkpoint/checkpointError';
import { ConfigProblems } from '../../model/compare/configProblems';
import { formatProblem } from '../../freeze/config';
import { note } from '../output';
import { ConfigError } from '../project';
import { UsageError } from '../usageError';
import { runDiff } from './diff';
import { runLs } from './ls';
import { runVerify } from './verify';

type Command = (args: readonly string[]) => Promise<number>;

export const ls = told(runLs);
export const diff = told(runDiff);
export const verify = told(runVerify);

/** Tells errors here: classes of this bundle are not those of the one that called. */
function told(command: Command): Command {
  return async (args) => {
    try {
      return await command(args);
    } catch (error) {
      if (error instanceof ConfigError) return 2;
      if (error instanceof UsageError) note(`error: ${error.message} ${error.advice}`);
      else if (error instanceof CheckpointError) note(`error: ${error.message}`);
      else if (error instanceof ConfigProblems) {
        for (const problem of error.problems) note(formatProblem(error.file, problem));
      } else throw error;
      return 2;
    }
  };
}
