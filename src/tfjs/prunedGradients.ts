import type { TfEngine, TfGradients, TfTensor, TfVariable } from './tfjsTypes';

/**
 * `tf.variableGrads` without the frozen variables. Unlike the original (tfjs-core 4.22,
 * src/gradients.ts) it does not throw when no variable is left or none is connected to the loss:
 * then only the loss is computed, and the step moves nothing.
 * @param explicit whether the script listed the variables: those that it made untrainable itself
 * then get null, as in the original
 */
export function prunedGradients(
  engine: TfEngine,
  loss: () => TfTensor,
  list: readonly TfVariable[],
  frozen: ReadonlySet<TfVariable>,
  explicit: boolean,
): TfGradients {
  const kept = list.filter((variable) => variable.trainable && !frozen.has(variable));
  const result =
    kept.length === 0
      ? { value: engine.tidy(loss), grads: [] }
      : engine.gradients(loss, kept, null, true);
  const { value } = result;
  if (value.rank !== 0) {
    throw new Error(
      `The f passed in variableGrads(f) must return a scalar, but it returned a rank-${value.rank} tensor`,
    );
  }
  const grads: Record<string, TfTensor | null> = {};
  kept.forEach((variable, index) => {
    const gradient = result.grads[index];
    if (gradient != null) grads[variable.name] = gradient;
  });
  for (const variable of explicit ? list : []) {
    if (!variable.trainable) grads[variable.name] = null;
  }
  return { value, grads };
}
