/** The command line is not right; ends the CLI with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(
    message: string,
    /** The way out, as a sentence. */
    readonly advice: string,
  ) {
    super(message);
  }
}
