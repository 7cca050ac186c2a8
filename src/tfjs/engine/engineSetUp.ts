import { join } from 'node:path';
import { nodePackageOf } from '../../engines/enginePackages';
import type { EngineChoice } from '../../freeze/format';
import type { EventBody } from '../../runs/events';
import type { EventSink } from '../eventSink';
import type { Faults } from '../faults';
import { patchInherited } from '../patch';
import { isBag, type Bag, type TfEngine } from '../tfjsTypes';
import { startWebGpu, type WebGpuOutcome } from '../webgpu/start';
import type { DeviceProblem } from '../webgpu/watchDevice';
import type { TrackedModel } from '../trackedModel';
import { noGpuReason } from './noGpu';
import type { NodePackages } from './nodePackages';
import { LIBRARY_KINDS } from './installedEngines';
import { addonsIn, usersNodePackages } from './usersPackages';
import { startWasm, untrainableOnWasm } from './wasmBackend';

/** What tfjs-core's engine knows of backends. */
type Backends = TfEngine & {
  registerBackend(name: string, factory: () => unknown, priority?: number): boolean;
  removeBackend(name: string): void;
  setBackend(name: string): Promise<boolean>;
};

type EngineEvent = Extract<EventBody, { type: 'engine' }>;

/** The backend that each choice means. */
const BACKENDS: Readonly<Record<Exclude<EngineChoice, 'auto'>, string>> = {
  gpu: 'tensorflow',
  node: 'tensorflow',
  webgpu: 'webgpu',
  wasm: 'wasm',
  cpu: 'cpu',
};

const NODE_PACKAGES: readonly string[] = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];
const ADVICE = 'permafrost engine status tells what this machine has and how to get the rest.';

/** As its package registers it. */
const WASM_PRIORITY = 2;

const BUNDLED = 'TensorFlow.js is part of the script’s own bundle, which no engine can be given to';

/** The oldest TensorFlow.js whose kernels are modules of their own, which a backend can bring. */
const OLDEST = 3;

/**
 * Brings about the config's `engine`: registers its backend and sets it when tfjs-core has just
 * been loaded, so before the script's first tensor. Afterwards the script is free to set another.
 */
export class EngineSetUp {
  private readonly choice: Exclude<EngineChoice, 'auto'> | null;
  private core: Bag | null = null;
  /** Why the choice could not be brought about. */
  private failure: string | null = null;
  /** The backend that is to be set as soon as it is registered. */
  private wanted: string | null = null;
  private webGpu: WebGpuOutcome | null = null;

  /**
   * @param requested the config's `engine`
   * @param loaded names of the packages that are loaded or being loaded
   */
  constructor(
    private readonly requested: EngineChoice | undefined,
    private readonly packages: NodePackages,
    private readonly sink: EventSink,
    private readonly faults: Faults,
    private readonly loaded: () => readonly string[],
    private readonly engine: TfEngine,
  ) {
    this.choice = requested === 'auto' ? this.automatic() : (requested ?? null);
    packages.addons.wish = this.choice;
    packages.onNoAddon = () => {
      this.tellNoAddon();
    };
    this.patchBackends();
  }

  /** A copy of tfjs-core, or a package that brings one along, was evaluated. */
  arrived(exports: Bag): void {
    if (this.core === null) {
      this.core = exports;
      if (this.choice === 'gpu' || this.choice === 'node') this.setUpLibrary(exports);
      else if (this.choice === 'webgpu') this.setUpWebGpu(exports);
      else if (this.choice === 'wasm') this.setUpWasm(exports);
      else if (this.choice === 'cpu') this.wanted = 'cpu';
    }
    // tfjs-node sets its own backend when it is loaded, which is not the script's choice.
    const { version } = exports;
    if (this.wanted !== null && isBag(version) && 'tfjs-node' in version) this.set(this.wanted);
  }

  /** Keeps the reason why the choice cannot be; the first counts. */
  fail(reason: string): void {
    this.failure ??= reason;
  }

  /**
   * Adds to the `engine` event what became of the choice, and warns when something else runs.
   * @param describe tells what runs now that training begins
   * @param models those that are about to train
   */
  tell(describe: () => EngineEvent, models: readonly TrackedModel[]): EngineEvent {
    if (this.engine.backendName === 'wasm' && this.choice === 'wasm') this.leaveWasm(models);
    const library = this.library();
    const fallback = this.fallback();
    const why = process.env['PERMAFROST_ENGINE_WHY'];
    if (this.requested === 'auto' && why !== undefined) {
      this.sink.write({ type: 'message', level: 'info', code: 'engine-auto', text: why });
    }
    if (fallback !== null) {
      this.sink.write({
        type: 'message',
        level: 'warning',
        code: 'engine-fallback',
        text: fallback,
        advice: ADVICE,
      });
    }
    return {
      ...describe(),
      ...this.onWebGpu(),
      ...(library !== null && { library }),
      ...(this.requested !== undefined && { requested: this.requested }),
      ...(fallback !== null && { fallback }),
    };
  }

  /** Why something else runs than was asked for, without a full stop; null when it does not. */
  private fallback(): string | null {
    const { backendName, backend } = this.engine;
    const { chosen } = this.packages.addons;
    const running = backendName ?? 'none';
    const failure = chosen?.file === null ? chosen.reasons.join(', ') : this.failure;
    if (failure !== null) return `${sentence(failure)}, so the backend ${running} runs`;
    if (this.choice !== null && running !== BACKENDS[this.choice]) {
      if (this.core === null) return `${BUNDLED}, so the backend ${running} runs`;
      return `The script itself set the backend ${running}`;
    }
    if (running !== 'tensorflow' || chosen?.wantsGpu !== true) return null;
    if (backend?.isUsingGpuDevice === true) return null;
    const library = this.library() ?? 'libtensorflow';
    // The script's own package, as it would run without us.
    if (this.choice === null && chosen.engine === null) return null;
    if (!chosen.canGpu) {
      return `${sentence(chosen.reasons.join(', '))}, so ${library} runs on the CPU`;
    }
    return noGpuReason(library, chosen.engine);
  }

  private tellNoAddon(): void {
    const name = this.loaded().find((each) => NODE_PACKAGES.includes(each)) ?? NODE_PACKAGES[0];
    const kind = name === NODE_PACKAGES[0] ? 'gpu' : 'cpu';
    this.sink.write({
      type: 'message',
      level: 'error',
      code: 'engine-missing',
      text: `${name ?? ''} has no native addon, so the script cannot load it`,
      advice: `permafrost engine install ${kind} brings one.`,
    });
  }

  private library(): string | null {
    const backend: unknown = this.engine.backend;
    const binding = isBag(backend) ? backend['binding'] : undefined;
    const version = isBag(binding) ? binding['TF_Version'] : undefined;
    return typeof version === 'string' ? `TensorFlow ${version}` : null;
  }

  /** Without a measurement, what is usually the fastest of what is installed. */
  private automatic(): Exclude<EngineChoice, 'auto'> | null {
    const measured = process.env['PERMAFROST_ENGINE'] ?? '';
    if (measured in BACKENDS) return measured as Exclude<EngineChoice, 'auto'>;
    const [first] = this.packages.addons.engines.among(LIBRARY_KINDS);
    return first === undefined ? null : first.manifest.kind === 'gpu' ? 'gpu' : 'node';
  }

  /** libtensorflow below the script's own copy of TensorFlow.js. */
  private setUpLibrary(core: Bag): void {
    // It sets its backend itself, with the addon that it is given.
    if (this.loaded().some((name) => NODE_PACKAGES.includes(name))) return;
    const told = core['version_core'];
    const version = typeof told === 'string' ? told : 'of unknown version';
    if (!(Number.parseInt(version) >= OLDEST)) {
      this.fail(`TensorFlow.js ${version} cannot take libtensorflow (3.0 and newer can)`);
      return;
    }
    const users = usersNodePackages().find(
      (folder) => !this.packages.isOfEngine(join(folder, 'dist')),
    );
    const file = users === undefined ? undefined : addonsIn(users).at(-1);
    const own =
      file === undefined ? null : { file, isGpu: users?.endsWith('tfjs-node-gpu') === true };
    const { file: chosen, engine } = this.packages.addons.choose(own, this.choice === 'gpu');
    const folder = engine === null ? users : nodePackageOf(engine);
    if (chosen === null || folder === undefined) return;
    try {
      const backend = this.packages.makeBackend(core, chosen, folder);
      this.backends().registerBackend('tensorflow', () => backend, 3);
      this.set('tensorflow');
    } catch (error) {
      this.fail(`${folder} does not work with TensorFlow.js ${version}: ${String(error)}`);
    }
  }

  private setUpWasm(core: Bag): void {
    try {
      const backend = startWasm(core, this.packages.addons.engines.among(LIBRARY_KINDS));
      this.backends().removeBackend('wasm');
      this.backends().registerBackend('wasm', () => backend, WASM_PRIORITY);
      this.wanted = 'wasm';
      this.set('wasm');
    } catch (error) {
      // tf.ready() would take it, and not in time.
      if (isRegistered(this.engine, 'wasm')) this.backends().removeBackend('wasm');
      this.fail(`WebAssembly cannot run: ${(error as Error).message}`);
    }
  }

  /** Goes on in JavaScript where WebAssembly could not train; tensors follow when they are used. */
  private leaveWasm(models: readonly TrackedModel[]): void {
    const layer = untrainableOnWasm(models);
    if (layer === null) return;
    this.fail(`WebAssembly has no kernel to train the convolution ${layer}`);
    this.wanted = 'cpu';
    this.set('cpu');
  }

  private setUpWebGpu(core: Bag): void {
    const found = this.packages.addons.engines.find('webgpu');
    if ('missing' in found) {
      this.fail(found.missing);
      return;
    }
    this.webGpu = startWebGpu(core, found, (problem) => {
      this.tellDevice(problem);
    });
    if (this.webGpu.kind === 'refused') this.fail(this.webGpu.reason);
    else this.wanted = 'webgpu';
  }

  /** What the `engine` event says of WebGPU, when that is what runs. */
  private onWebGpu(): Partial<EngineEvent> {
    if (this.webGpu?.kind !== 'running' || this.engine.backendName !== 'webgpu') return {};
    const { library, device, software } = this.webGpu;
    return { library, device, software };
  }

  private tellDevice({ code, text, advice }: DeviceProblem): void {
    this.faults.foreign(text);
    this.sink.write({ type: 'message', level: 'error', code, text, advice });
  }

  private patchBackends(): void {
    const engine = this.backends();
    const isRefused = (name: unknown): boolean =>
      name === 'tensorflow' && this.packages.addons.chosen?.file === null;
    const registered = (name: unknown): void => {
      if (name === this.wanted && this.wanted !== null) this.set(this.wanted);
    };
    patchInherited(
      engine,
      'registerBackend',
      (original) =>
        function (...args) {
          const [name] = args;
          if (isRefused(name)) return true;
          if (name === 'tensorflow' && isRegistered(this, 'tensorflow')) return false;
          const result = original.apply(this, args);
          registered(name);
          return result;
        },
    );
    patchInherited(
      engine,
      'setBackend',
      (original) =>
        function (...args) {
          return isRefused(args[0]) ? Promise.resolve(true) : original.apply(this, args);
        },
    );
  }

  /** As it is in memory already, it is set at once, though tfjs-core gives a promise. */
  private set(name: string): void {
    if (isRegistered(this.engine, name)) void this.backends().setBackend(name);
  }

  private backends(): Backends {
    return this.engine as Backends;
  }
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function isRegistered(engine: unknown, name: string): boolean {
  const factories = isBag(engine) ? engine['registryFactory'] : undefined;
  return isBag(factories) && factories[name] !== undefined;
}
