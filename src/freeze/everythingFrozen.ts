import type { ConfigProblem, Rule } from './config';
import type { ModelPlan } from './plan';
import type { NamedModel } from './tensor';

/** Not null when in some epoch no parameter of the model may move, so that it cannot train. */
export function everythingFrozen(
  _rules: readonly Rule[],
  _plan: ModelPlan,
  _model: NamedModel,
): ConfigProblem | null {
  return null;
}
