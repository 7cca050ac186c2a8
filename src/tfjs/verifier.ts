import type { EventOf, Finding } from '../runs/events';
import { compareBytes } from './compareBytes';
import { References, isEqual } from './references';
import { readBytes, readBytesAsync, type TensorBytes } from './tensorBytes';
import type { UnmovedWatch } from './unmovedWatch';
import type { TrackedModel, WatchedTensor } from './trackedModel';

type Verified = EventOf<'verified'>;
/** The measured part of a `verified` event. */
export type Measured = Pick<
  Verified,
  'method' | 'milliseconds' | 'bytes' | 'intact' | 'findings' | 'unmoved'
>;

/** Takes references of frozen tensors and compares them later, byte by byte. */
export class Verifier {
  private readonly references: References;

  constructor(
    budget: number,
    private readonly unmoved: UnmovedWatch,
  ) {
    this.references = new References(budget);
  }

  /** Begins to watch whether the trainable parameters of `model` ever move. */
  watchTrainable(model: TrackedModel): void {
    this.unmoved.begin(model, readBytes);
  }

  /** From now on the tensor is compared with the bytes that it has now. */
  rebase(tensor: WatchedTensor): void {
    this.keep(tensor, readBytes(tensor.variable));
  }

  /** As `rebase`, reading without blocking on an accelerator. */
  async rebaseAsync(tensor: WatchedTensor): Promise<void> {
    this.keep(tensor, await readBytesAsync(tensor.variable));
  }

  /** Whether the tensor has the bytes of its reference; null when that cannot be told. */
  isIntact(tensor: WatchedTensor): boolean | null {
    const { reference } = tensor;
    if (reference === null || reference.kind === 'none') return null;
    const now = readBytes(tensor.variable);
    return now.kind === 'bytes' ? isEqual(now.bytes, reference) : null;
  }

  /** Gives back the memory of references of tensors that the script has disposed. */
  forget(model: TrackedModel): void {
    for (const { tensor } of model.tensors) {
      if (!tensor.variable.isDisposed || tensor.reference === null) continue;
      this.references.release(tensor.reference);
      tensor.reference = null;
    }
  }

  /** @param fault why nothing in this epoch can be called intact, or null */
  verify(model: TrackedModel, fault: string | null): Measured {
    const tally = new Tally();
    for (const { name, tensor } of frozenOf(model)) {
      tally.add(
        name,
        tensor,
        tensor.variable.isDisposed ? null : readBytes(tensor.variable),
        fault,
      );
    }
    return tally.result(this.unmoved.unmoved(model, readBytes));
  }

  /** As `verify`, reading without blocking on an accelerator. */
  async verifyAsync(model: TrackedModel, fault: string | null): Promise<Measured> {
    const tally = new Tally();
    for (const { name, tensor } of frozenOf(model)) {
      const { variable } = tensor;
      tally.add(name, tensor, variable.isDisposed ? null : await readBytesAsync(variable), fault);
    }
    return tally.result(this.unmoved.unmoved(model, readBytes));
  }

  private keep(tensor: WatchedTensor, now: TensorBytes): void {
    tensor.reference =
      now.kind === 'bytes'
        ? this.references.take(now.bytes, tensor.reference)
        : { kind: 'none', reason: now.reason };
  }
}

function frozenOf(model: TrackedModel): { name: string; tensor: WatchedTensor }[] {
  return model.tensors
    .filter(({ tensor }) => tensor.frozen)
    .map(({ info, tensor }) => ({ name: info.name, tensor }));
}

/** Adds up the verdicts of one verification. */
class Tally {
  private readonly startedAt = performance.now();
  private readonly findings: Finding[] = [];
  private intact = 0;
  private bytes = 0;
  private copies = 0;
  private fingerprints = 0;

  /** @param now null when the script has disposed the variable */
  add(name: string, tensor: WatchedTensor, now: TensorBytes | null, fault: string | null): void {
    const finding = this.judge(name, tensor, now, fault);
    tensor.rebased = null;
    if (finding === null) this.intact++;
    else this.findings.push(finding);
  }

  result(unmoved: readonly string[]): Measured {
    const { copies, fingerprints } = this;
    return {
      method: fingerprints === 0 ? 'bytes' : copies === 0 ? 'fingerprint' : 'mixed',
      milliseconds: performance.now() - this.startedAt,
      bytes: this.bytes,
      intact: this.intact,
      findings: this.findings,
      unmoved: [...unmoved],
    };
  }

  private judge(
    name: string,
    tensor: WatchedTensor,
    now: TensorBytes | null,
    fault: string | null,
  ): Finding | null {
    const { reference, rebased } = tensor;
    const unknown = (reason: string): Finding => ({ name, verdict: 'not verified', reason });
    if (now === null) return { name, verdict: 'missing' };
    if (now.kind === 'unreadable') return unknown(now.reason);
    if (reference === null) return unknown('no reference was taken');
    if (reference.kind === 'none') return unknown(reference.reason);
    this.bytes += now.bytes.length;
    if (reference.kind === 'copy') this.copies++;
    else this.fingerprints++;
    if (!isEqual(now.bytes, reference)) {
      const exact = reference.kind === 'copy' && now.bytes.length === reference.bytes.length;
      const difference = exact
        ? compareBytes(now.bytes, reference.bytes, tensor.variable.dtype)
        : { elements: null, maxDelta: null };
      return { name, verdict: 'moved', ...difference, cause: tensor.cause ?? IN_PLACE };
    }
    tensor.cause = null;
    if (fault !== null) return unknown(fault);
    return rebased === null ? null : { name, verdict: 'rebased', cause: rebased };
  }
}

const IN_PLACE = {
  kind: 'in-place',
  text: 'its bytes were changed in place, without an assignment',
} as const;
