/** One of `permafrost <name>`. */
export interface Subcommand {
  readonly name: string;
  /** For the list in `permafrost --help`. */
  readonly summary: string;
  /** Printed by `permafrost <name> --help`. */
  readonly help: string;
  /**
   * Does the work.
   * @param args what stands after the name
   * @returns the exit code
   */
  run(args: readonly string[]): Promise<number>;
}
