import type { FrozenSpan } from '../../freeze/spans';
import type { TfVariable } from '../tfjsTypes';
import { isDisposed, type WatchedTensor } from '../trackedModel';
import type { Verifier } from '../verifier';
import { digestOf } from './sampleKeys';

interface Kept {
  readonly tensor: WatchedTensor;
  readonly spans: readonly FrozenSpan[];
  contents: object;
}

/** Notices at every step whether the weights are those that the features were computed with. */
export class Guard {
  /** Of the bytes of all weights when the guard was set. */
  readonly digest: string;
  private readonly kept: readonly Kept[];

  /** @throws when the engine does not hand out bytes synchronously */
  constructor(
    tensors: readonly WatchedTensor[],
    private readonly verifier: Verifier,
  ) {
    this.digest = digestOf(tensors.map(({ variable }) => variable));
    this.kept = tensors.map((tensor) => ({
      tensor,
      spans: tensor.spans,
      contents: contentsOf(tensor.variable),
    }));
  }

  /** Why the features cannot be used any more, or null. */
  broken(): string | null {
    for (const each of this.kept) {
      const { tensor } = each;
      if (!tensor.frozen) return `${nameOf(tensor)} is not frozen any more`;
      if (isDisposed(tensor)) return `${nameOf(tensor)} is disposed`;
      if (tensor.spans !== each.spans)
        return `the rules decide differently about ${nameOf(tensor)}`;
      const now = contentsOf(tensor.variable);
      if (now === each.contents) continue;
      // Assigned: by the same bytes, for all that is known, or the features are of other weights.
      if (this.verifier.isIntact(tensor) !== true || tensor.rebased !== null) {
        return `${nameOf(tensor)} was assigned other values`;
      }
      each.contents = now;
    }
    return null;
  }

  /** Whether nobody has assigned to the tensor since the guard was set. */
  holds(tensor: WatchedTensor): boolean {
    const kept = this.kept.find((each) => each.tensor === tensor);
    return kept !== undefined && kept.contents === contentsOf(tensor.variable);
  }
}

/** The tensor's name in the first model that holds it. */
export function nameOf(tensor: WatchedTensor): string {
  return tensor.homes[0]?.info.name ?? tensor.variable.name;
}

/** Changes with every assignment. */
function contentsOf(variable: TfVariable): object {
  return (variable as TfVariable & { readonly dataId: object }).dataId;
}
