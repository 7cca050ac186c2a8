import type { FreezeConfig } from '../../freeze/config';
import type { CheckpointWarning } from '../../model/checkpoint/checkpoint';
import { bytesOf, isDtype } from '../../model/checkpoint/dtypes';
import type { CheckpointListing } from '../../model/checkpoint/listing';
import type { TensorInfo } from '../../model/inspection';
import { elementCount } from '../../model/shape';
import { checkpointFacts } from '../../runs/words/checkpointWords';
import { visibleText } from '../../runs/words/visibleText';
import { modelText } from '../inspectionText';
import { messageLine } from '../output';

/**
 * What a checkpoint holds as text: the file, what to know before it is used, then its models as
 * `permafrost inspect` prints them, with sizes.
 * @param typesFrom where classes of layers come from; null when the file alone told them
 * @param config null when there is none
 */
export function listingText(
  listing: CheckpointListing,
  typesFrom: string | null,
  config: FreezeConfig | null,
): string {
  const { source, warnings, models } = listing;
  const head = [`${source}: ${checkpointFacts(listing)}`, ...warnings.map(warningLine)];
  const texts = models.map((model) => modelText(model, config, bytesOfTensor));
  if (typesFrom !== null) head.push(`classes of layers as ${typesFrom} had them`);
  if (models.length === 0) head.push('There are no tensors in it.');
  return [`${head.map(visibleText).join('\n')}\n`, ...texts].join('\n');
}

/** `warning: offset 123: What it is. The way out.` */
export function warningLine({ offset, text, advice }: CheckpointWarning): string {
  const place = offset === null ? '' : `offset ${String(offset)}: `;
  return messageLine({ level: 'warning', text: `${place}${text}`, advice });
}

function bytesOfTensor(tensor: TensorInfo): number {
  return isDtype(tensor.dtype) ? bytesOf(tensor.dtype, elementCount(tensor)) : 0;
}
