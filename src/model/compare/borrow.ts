import { unifySeparators } from '../../freeze/pattern';
import type { NamedModel } from '../../freeze/tensor';
import type { Inspection, ModelInfo, TensorInfo } from '../inspection';

/** The part of a model's tensors that an inspected model must have to be taken for the same. */
const ENOUGH = 0.9;

/** A model of the files with what the inspection knows of it. */
export interface KnownModel {
  /** As the files name it. */
  readonly shown: ModelInfo;
  /** As the rules address it. */
  readonly planned: NamedModel<TensorInfo>;
}

export interface Knowledge {
  readonly models: readonly KnownModel[];
  /** Models of the inspection that none of the files has. */
  readonly elsewhere: readonly ModelInfo[];
  /** Where classes and kinds come from; null when the files alone told them. */
  readonly from: string | null;
}

/**
 * Lends models what files do not hold: classes of models and modules, which tensors are statistics,
 * further names of tied tensors. An inspected model is the same when it has nearly all the names.
 */
export function borrow(models: readonly ModelInfo[], inspection: Inspection | null): Knowledge {
  const lenders = (inspection?.models ?? []).map((model) => ({ model, names: indexOf(model) }));
  const lent = new Set<ModelInfo>();
  const known = models.map((model): KnownModel => {
    const shares = lenders.map(({ names, model: lender }) => {
      const share = shareOf(model, names);
      return { names, lender, share: lender.copyOf === undefined ? share : share - Number.EPSILON };
    });
    const [best] = shares.sort((a, b) => b.share - a.share);
    if (best === undefined || best.share < ENOUGH) return { shown: model, planned: model };
    lent.add(best.lender);
    const tensors = model.tensors.map((tensor) => lendTo(tensor, best.names));
    const { name, className } = best.lender;
    return {
      shown: { ...model, className, tensors },
      planned: { name, className, tensors },
    };
  });
  return {
    models: known,
    elsewhere:
      lent.size === 0 ? [] : lenders.flatMap(({ model }) => (lent.has(model) ? [] : model)),
    from: lent.size === 0 ? null : (inspection?.source ?? null),
  };
}

type Names = ReadonlyMap<string, TensorInfo>;

function indexOf(model: ModelInfo): Names {
  const names = new Map<string, TensorInfo>();
  for (const tensor of model.tensors) {
    for (const name of namesOf(tensor)) names.set(unifySeparators(name), tensor);
  }
  return names;
}

const namesOf = ({ name, aliases }: TensorInfo): readonly string[] => [name, ...(aliases ?? [])];

const find = (tensor: TensorInfo, names: Names): TensorInfo | undefined =>
  namesOf(tensor)
    .map((name) => names.get(unifySeparators(name)))
    .find((each) => each !== undefined);

function shareOf({ tensors }: ModelInfo, names: Names): number {
  if (tensors.length === 0) return 0;
  return tensors.filter((tensor) => find(tensor, names) !== undefined).length / tensors.length;
}

function lendTo(tensor: TensorInfo, names: Names): TensorInfo {
  const known = find(tensor, names);
  if (known === undefined) return tensor;
  const own = new Set(namesOf(tensor).map(unifySeparators));
  const further = namesOf(known).filter((name) => !own.has(unifySeparators(name)));
  const { kind, module, type } = known;
  if (further.length === 0) return { ...tensor, kind, module, type };
  return { ...tensor, kind, module, type, aliases: [...(tensor.aliases ?? []), ...further] };
}
