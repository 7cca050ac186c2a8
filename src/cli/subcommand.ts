/** One of `permafrost <name>`. */
export interface Subcommand {
  readonly name: string;
  /** For the list in `permafrost --help`. */
  readonly summary: string;
  /** Printed by `permafrost <name> --help`. */
  readonly help: string;
  /** Whether words after the name may be a command of the user. */
  readonly takesCommand?: boolean;
  /**
   * Does the work.
   * @param args what stands after the name
   * @returns the exit code
   */
  run(args: readonly string[]): Promise<number>;
}
