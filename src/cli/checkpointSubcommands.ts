import type * as commands from './checkpoints/checkpointCommands';
import type { Subcommand } from './subcommand';

/** A bundle of its own, so that `permafrost run` does not load what reads checkpoints. */
function loaded(name: keyof typeof commands): Subcommand['run'] {
  return async (args) => (await import('./checkpoints/checkpointCommands'))[name](args);
}

export const lsSubcommand: Subcommand = {
  name: 'ls',
  summary: 'list the tensors in checkpoint files, without running anything',
  help: `Usage: permafrost ls FILE... [--config FILE] [--json]

Prints the named tensors of checkpoints with what the rules freeze: safetensors, PyTorch,
TensorFlow.js, Keras 3 and NumPy .npz. A folder stands for the checkpoint in it. Nothing
in a file is run: a pickle is read, not loaded.

  --config FILE  the config; permafrost.json in this folder when not given
  --json         print the listing as JSON; several files as an array

Exit code: 0; 2 when a file cannot be read.
`,
  run: loaded('ls'),
};

export const diffSubcommand: Subcommand = {
  name: 'diff',
  summary: 'compare checkpoints tensor by tensor, under the rules with --config',
  help: `Usage: permafrost diff A B [C...] [--config FILE] [--exact] [--all]
                       [--json | --markdown | --html FILE]

Compares each checkpoint with the one before it. More than two (also ckpt-*.pt, or one
folder with checkpoints in it) give a table of tensors by epochs.

  --config FILE  the rules that say what must be equal; without it there are none
  --exact        read the bytes also where checksums in both files are equal
  --all          list the tensors that are as they should be, too
  --json         print the comparison as JSON
  --markdown     print Markdown
  --html FILE    write a page that stands alone

Exit code: with --config, 0 when all that must be equal is; 3 when something frozen
moved, changed its shape or type, or is gone. Without, 0 when all is equal; 1 when
something differs. 2 when a file cannot be read, or the config does not fit.
`,
  run: loaded('diff'),
};

export const verifySubcommand: Subcommand = {
  name: 'verify',
  summary: 'prove that what the rules freeze is equal in checkpoints',
  help: `Usage: permafrost verify A B [C...] [--config FILE] [--exact] [--json]

Compares checkpoints as diff does, and prints only the verdict and what is against it.

  --config FILE  the config; permafrost.json in this folder when not given
  --exact        read the bytes also where checksums in both files are equal
  --json         print the comparison as JSON

Exit code: 0 when every frozen tensor is intact; 3 when one moved, changed its shape or
type, or is gone; 2 when it cannot be told: nothing is frozen, a file cannot be read, or
the config does not fit.
`,
  run: loaded('verify'),
};
