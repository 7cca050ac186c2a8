import { isBag, isVariable, type TfVariable } from './tfjsTypes';

/**
 * The variables that an optimizer keeps for itself. TensorFlow.js' own hold them as properties, as
 * lists, or as lists of `{ originalName, variable }` (tfjs-core 4.22, src/optimizers).
 */
export function optimizerVariables(optimizer: object): readonly TfVariable[] {
  return Object.values(optimizer).flatMap((value: unknown) =>
    (Array.isArray(value) ? (value as unknown[]) : [value]).flatMap((each) => {
      const candidate = isBag(each) && isVariable(each['variable']) ? each['variable'] : each;
      return isVariable(candidate) ? [candidate] : [];
    }),
  );
}
