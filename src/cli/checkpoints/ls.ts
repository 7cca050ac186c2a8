import { formatProblem } from '../../freeze/config';
import { checkRules } from '../../freeze/plan';
import type { NamedModel } from '../../freeze/tensor';
import type { CheckpointListing } from '../../model/checkpoint/listing';
import { borrow } from '../../model/compare/borrow';
import { parseArguments } from '../arguments';
import { note, print } from '../output';
import { openProject, shown, type Project } from '../project';
import { UsageError } from '../usageError';
import { namedFiles } from './files';
import { lastInspection } from '../lastInspection';
import { listingText } from './listingText';
import { work } from './work';

const OPTIONS = {
  config: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** `permafrost ls`. @returns the exit code */
export async function runLs(args: readonly string[]): Promise<number> {
  const { values, words } = parseArguments('ls', args, OPTIONS, Infinity);
  const { config, json = false } = values;
  if (words.length === 0) {
    throw new UsageError('permafrost ls needs a checkpoint file.', 'See permafrost ls --help.');
  }
  const files = namedFiles(words);
  const project = await openProject(config);
  const listings: CheckpointListing[] = [];
  // One behind the other: each may take all the memory that its worker is allowed.
  for (const file of files) listings.push(await work({ kind: 'list', file }));
  if (json) {
    print(JSON.stringify(listings.length === 1 ? listings[0] : listings, null, 2));
    return 0;
  }
  const inspection = await lastInspection(project.folder);
  const known = listings.map((listing) => ({ listing, ...borrow(listing.models, inspection) }));
  warnOfRules(
    project,
    known.flatMap(({ models, elsewhere }) => [
      ...models.map(({ planned }) => planned),
      ...elsewhere,
    ]),
  );
  const texts = known.map(({ listing, models, from }) =>
    listingText(
      { ...listing, models: models.map(({ shown }) => shown) },
      from,
      project.config?.value ?? null,
    ),
  );
  print(texts.join('\n'));
  return 0;
}

/** Only a warning: the rules may be meant for another model than this file's. */
function warnOfRules({ config, configFile }: Project, models: readonly NamedModel[]): void {
  for (const problem of checkRules(config?.value.rules ?? [], models)) {
    note(formatProblem(shown(configFile), { ...problem, severity: 'warning' }));
  }
}
