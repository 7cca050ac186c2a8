import type { Cause, EventOf, Finding } from '../runs/events';
import type { Comparison, Proofs } from './proof/proofs';
import type { Reference } from './references';
import type { UnmovedWatch } from './unmovedWatch';
import { isDisposed, type TrackedModel, type WatchedTensor } from './trackedModel';

type Verified = EventOf<'verified'>;
/** The measured part of a `verified` event. */
export type Measured = Pick<
  Verified,
  'method' | 'onDevice' | 'milliseconds' | 'bytes' | 'intact' | 'findings' | 'unmoved'
>;

/** Takes references of frozen tensors and compares them later. */
export class Verifier {
  /** The reference that a load replaced, as long as nobody could tell whether it made a difference. */
  private readonly loadedOver = new WeakMap<WatchedTensor, Reference>();

  constructor(
    private readonly proofs: Proofs,
    private readonly unmoved: UnmovedWatch,
  ) {}

  /** Begins to watch whether the trainable parameters of `model` ever move. */
  watchTrainable(model: TrackedModel): void {
    this.unmoved.begin(model);
  }

  /** From now on the tensor is compared with the bytes that it has now. */
  rebase(tensor: WatchedTensor): void {
    tensor.reference = this.proofs.take(tensor.variable, tensor.reference);
  }

  /** As `rebase`, reading without blocking on an accelerator. */
  async rebaseAsync(tensor: WatchedTensor): Promise<void> {
    tensor.reference = await this.proofs.takeAsync(tensor.variable, tensor.reference);
  }

  /** The script has loaded other values into the tensor: they are its reference from now on. */
  loaded(tensor: WatchedTensor, cause: Cause): void {
    const { reference } = tensor;
    if (reference !== null && this.proofs.mustWait(tensor.variable)) {
      if (!this.loadedOver.has(tensor)) this.loadedOver.set(tensor, reference);
    }
    this.rebase(tensor);
    tensor.rebased = cause;
    tensor.cause = null;
  }

  /** Whether the tensor has the bytes of its reference; null when that cannot be told at once. */
  isIntact(tensor: WatchedTensor): boolean | null {
    if (tensor.reference === null) return null;
    const { kind } = this.proofs.compare(tensor.variable, tensor.reference);
    return kind === 'unknown' ? null : kind === 'equal';
  }

  /** Whether `verify` could not tell of all frozen tensors, and `verifyAsync` can. */
  mustWait(model: TrackedModel): boolean {
    return frozenOf(model).some(
      ({ tensor }) => !isDisposed(tensor) && this.proofs.mustWait(tensor.variable),
    );
  }

  /** Gives back the memory of references of tensors that the script has disposed. */
  forget(model: TrackedModel): void {
    for (const { tensor } of model.tensors) {
      if (!isDisposed(tensor) || tensor.reference === null) continue;
      this.proofs.release(tensor.reference);
      tensor.reference = null;
    }
  }

  /** @param fault why nothing in this epoch can be called intact, or null */
  verify(model: TrackedModel, fault: string | null): Measured {
    const tally = new Tally(fault);
    for (const each of frozenOf(model)) {
      const { variable, reference } = each.tensor;
      if (isDisposed(each.tensor)) tally.missing(each);
      else if (reference === null) tally.unknown(each, NO_REFERENCE);
      else tally.add(suspect(each), this.proofs.compare(variable, reference));
    }
    return tally.result(this.unmoved.unmoved(model));
  }

  /**
   * As `verify`, without blocking on an accelerator. What happens to tensors on an accelerator, to
   * their causes and references after the call does not matter.
   */
  async verifyAsync(model: TrackedModel, fault: string | null): Promise<Measured> {
    const tally = new Tally(fault);
    const pending = frozenOf(model).flatMap((each) => {
      const { variable, reference } = each.tensor;
      if (isDisposed(each.tensor)) tally.missing(each);
      else if (reference === null) tally.unknown(each, NO_REFERENCE);
      else {
        const before = this.loadedOver.get(each.tensor) ?? null;
        this.loadedOver.delete(each.tensor);
        const compare = this.proofs.compareLater(variable, reference);
        return [{ suspect: suspect(each), compare, before, reference }];
      }
      return [];
    });
    const unmoved = this.unmoved.unmovedLater(model);
    for (const { suspect, compare, before, reference } of pending) {
      const changed = before === null || !(await isSame(before, reference));
      tally.add(changed ? suspect : { ...suspect, rebased: null }, await compare());
    }
    return tally.result(await unmoved);
  }
}

interface Named {
  readonly name: string;
  readonly tensor: WatchedTensor;
}

/** A frozen tensor with what was known of it when the verification began. */
interface Suspect extends Named {
  readonly cause: Cause | null;
  readonly rebased: Cause | null;
}

function frozenOf(model: TrackedModel): Named[] {
  return model.tensors
    .filter(({ tensor }) => tensor.frozen)
    .map(({ info, tensor }) => ({ name: info.name, tensor }));
}

function suspect({ name, tensor }: Named): Suspect {
  const { cause, rebased } = tensor;
  tensor.rebased = null;
  return { name, tensor, cause, rebased };
}

/** Whether two fingerprints of a device are equal; other references are told apart when taken. */
async function isSame(before: Reference, now: Reference): Promise<boolean> {
  if (before.kind !== 'device-fingerprint' || now.kind !== 'device-fingerprint') return false;
  try {
    return (await before.digest.later()).equals(await now.digest.later());
  } catch {
    return false;
  }
}

/** Adds up the verdicts of one verification. */
class Tally {
  private readonly startedAt = performance.now();
  private readonly findings: Finding[] = [];
  private intact = 0;
  private bytes = 0;
  private onDevice = 0;
  private readonly methods = new Set<'bytes' | 'fingerprint'>();

  constructor(private readonly fault: string | null) {}

  /** The script has disposed the variable. */
  missing({ name, tensor }: Named): void {
    tensor.rebased = null;
    this.findings.push({ name, verdict: 'missing' });
  }

  unknown({ name, tensor }: Named, reason: string): void {
    tensor.rebased = null;
    this.findings.push({ name, verdict: 'not verified', reason });
  }

  add(suspect: Suspect, result: Comparison): void {
    const finding = this.judge(suspect, result);
    if (finding === null) this.intact++;
    else this.findings.push(finding);
  }

  result(unmoved: readonly string[]): Measured {
    const { methods, onDevice } = this;
    return {
      method: methods.size > 1 ? 'mixed' : methods.has('fingerprint') ? 'fingerprint' : 'bytes',
      ...(onDevice > 0 && { onDevice }),
      milliseconds: performance.now() - this.startedAt,
      bytes: this.bytes,
      intact: this.intact,
      findings: this.findings,
      unmoved: [...unmoved],
    };
  }

  private judge({ name, tensor, cause, rebased }: Suspect, result: Comparison): Finding | null {
    const unknown = (reason: string): Finding => ({ name, verdict: 'not verified', reason });
    if (result.kind === 'unknown') return unknown(result.reason);
    this.bytes += result.bytes;
    this.methods.add(result.method);
    if (result.onDevice) this.onDevice++;
    if (result.kind === 'different') {
      const { elements, maxDelta } = result;
      return { name, verdict: 'moved', elements, maxDelta, cause: cause ?? IN_PLACE };
    }
    if (tensor.cause === cause) tensor.cause = null;
    if (this.fault !== null) return unknown(this.fault);
    return rebased === null ? null : { name, verdict: 'rebased', cause: rebased };
  }
}

const NO_REFERENCE = 'no reference was taken';

const IN_PLACE = {
  kind: 'in-place',
  text: 'its bytes were changed in place, without an assignment',
} as const;
