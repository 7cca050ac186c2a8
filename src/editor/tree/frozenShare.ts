import { isFrozenAt, type ModelPlan } from '../../freeze/plan';
import type { ModelInfo } from '../../model/inspection';
import { elementCount } from '../../model/shape';
import { compactCount } from './rowText';

/**
 * How many of the parameters' elements are frozen in the first epoch: `1.2 M of 110 M parameters
 * frozen`. Undefined when there are none. Copies of a model do not count.
 */
export function frozenShare(
  models: readonly ModelInfo[],
  plans: readonly ModelPlan[],
): string | undefined {
  let total = 0;
  let frozen = 0;
  models.forEach((model, index) => {
    if (model.copyOf !== undefined) return;
    for (const tensor of model.tensors) {
      if (tensor.kind !== 'parameter') continue;
      const elements = elementCount(tensor);
      total += elements;
      if (isFrozenAt(plans[index]?.spans.get(tensor.name), 1)) frozen += elements;
    }
  });
  return total === 0
    ? undefined
    : `${compactCount(frozen)} of ${compactCount(total)} parameters frozen`;
}
