import type { EventSink } from './eventSink';
import type { Faults } from './faults';
import type { ModelRegistry } from './modelRegistry';
import { patchInherited, patchSetter, prototypeOf } from './patch';
import type { TrackedModel } from './trackedModel';
import { isBag, isVariable, type Bag, type TfEngine } from './tfjsTypes';

/** Notices what the script does to frozen tensors beside assigning: thawing and disposing. */
export class ThawWatch {
  private told = false;

  constructor(
    private readonly registry: ModelRegistry,
    private readonly sink: EventSink,
    private readonly faults: Faults,
  ) {}

  /** A script that sets `trainable` on something frozen is told once that the rules win. */
  attachLayers(layers: Bag): void {
    patchSetter(prototypeOf(layers, 'LayerVariable'), 'trainable', (target, value, before) => {
      if (
        this.told ||
        value !== true ||
        before === true ||
        !isBag(target) ||
        !isVariable(target['val'])
      )
        return;
      const tensor = this.registry.watched(target['val']);
      if (tensor?.frozen !== true) return;
      this.told = true;
      this.sink.write({
        type: 'message',
        level: 'info',
        code: 'script-thawed',
        text: `The script makes ${tensor.homes[0]?.info.name ?? 'a frozen tensor'} trainable; it stays frozen by the rules`,
      });
    });
  }

  /** @param disposing called before a frozen tensor of a model goes away */
  attachEngine(engine: TfEngine, disposing: (model: TrackedModel) => void): void {
    const before = (variable: unknown): void => {
      if (!isVariable(variable) || !this.registry.isFrozen(variable)) return;
      this.faults.run('dispose', () => {
        for (const { model } of this.registry.watched(variable)?.homes ?? []) disposing(model);
      });
    };
    const after = (variable: unknown): void => {
      const tensor = isVariable(variable) ? this.registry.watched(variable) : undefined;
      if (tensor !== undefined) tensor.disposed = true;
    };
    patchInherited(
      engine,
      'disposeVariable',
      (original) =>
        function (...args) {
          before(args[0]);
          const result = original.apply(this, args);
          after(args[0]);
          return result;
        },
    );
  }
}
