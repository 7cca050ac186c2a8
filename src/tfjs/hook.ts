/**
 * The hook: lives in a process that has loaded TensorFlow.js and composes the parts. The preload
 * hands it every copy of tfjs-core, tfjs-layers and tfjs-data right after it was evaluated.
 */
import { BatchNormGuard } from './batchNorm';
import { BundledScript } from './bundled';
import { FrozenCache } from './cache/frozenCache';
import { Causes } from './causes';
import { ConfigGate } from './configGate';
import { DatasetPasses } from './datasetPasses';
import { Discovery } from './discovery';
import { describeEngine } from './engineInfo';
import { EngineSetUp } from './engine/engineSetUp';
import type { NodePackages } from './engine/nodePackages';
import { EventSink } from './eventSink';
import { Faults } from './faults';
import { FitClock } from './fitClock';
import { Freezer } from './freezer';
import { FreshOptimizers } from './freshOptimizers';
import { HandClock } from './handClock';
import { ModelPatches } from './modelPatches';
import { ModelRegistry } from './modelRegistry';
import { Preparation } from './preparation';
import { Proofs } from './proof/proofs';
import { abandonHashes } from './proof/webgpuHash';
import { References } from './references';
import { readSettings, type Settings } from './settings';
import { Steps } from './steps';
import { ThawWatch } from './thawWatch';
import { Training } from './training';
import { UnmovedWatch } from './unmovedWatch';
import { Verifier } from './verifier';
import { isBag, type Bag, type TfEngine } from './tfjsTypes';

class Hook {
  private readonly attached = new WeakSet();
  private core: Bag | null = null;
  private readonly sink: EventSink;
  private readonly faults: Faults;
  private readonly gate: ConfigGate;
  private readonly registry: ModelRegistry;
  private readonly training: Training;
  private readonly causes: Causes;
  private readonly discovery: Discovery;
  private readonly clock: HandClock;
  private readonly steps: Steps;
  private readonly freezer: Freezer;
  private readonly batchNorm: BatchNormGuard;
  private readonly fits: FitClock;
  private readonly models: ModelPatches;
  private readonly passes: DatasetPasses;
  private readonly thaws: ThawWatch;
  private readonly cache: FrozenCache;
  private readonly engineSetUp: EngineSetUp;

  constructor(
    settings: Settings,
    private readonly packages: () => readonly string[],
    nodePackages: NodePackages,
  ) {
    this.sink = new EventSink(settings.events, settings.proc);
    this.faults = new Faults(this.sink);
    const gate = new ConfigGate(settings, this.sink);
    this.gate = gate;
    this.engineSetUp = new EngineSetUp(
      gate.config.engine,
      nodePackages,
      this.sink,
      this.faults,
      packages,
      this.engine(),
    );
    this.registry = new ModelRegistry(gate.config.rules);
    const references = new References(settings.budget);
    const proofs = new Proofs(references, settings.fingerprints, () => this.engine());
    const verifier = new Verifier(proofs, new UnmovedWatch(proofs));
    this.training = new Training(settings, gate, this.sink, verifier, this.faults);
    this.discovery = new Discovery(this.registry, this.faults);
    this.passes = new DatasetPasses(
      () => {
        this.faults.run('the end of a dataset', () => {
          this.clock.passEnded();
        });
      },
      () => this.steps.count,
      this.faults,
    );
    this.clock = new HandClock(this.registry, this.training, gate.config.epochSteps, () =>
      this.passes.underWay(),
    );
    const preparation = new Preparation(settings, this.registry, gate, verifier, this.sink, () =>
      this.engineSetUp.tell(
        () => describeEngine(this.core ?? {}, this.engine(), this.packages()),
        this.registry.models,
      ),
    );
    this.steps = new Steps(this.discovery, preparation, this.clock, this.faults);
    this.causes = new Causes(this.registry, verifier, this.steps, this.faults);
    const fresh = new FreshOptimizers(this.registry, this.sink);
    this.freezer = new Freezer(
      this.registry,
      this.discovery,
      this.steps,
      fresh,
      this.causes,
      this.faults,
    );
    this.batchNorm = new BatchNormGuard(this.registry, this.steps, this.causes, this.faults);
    this.fits = new FitClock(this.registry, preparation, this.training, this.faults);
    this.models = new ModelPatches(
      this.registry,
      preparation,
      this.steps,
      this.clock,
      this.faults,
      (model, train) => this.cache.watch(model, train),
    );
    this.thaws = new ThawWatch(this.registry, this.sink, this.faults);
    this.cache = new FrozenCache({
      mode: gate.config.cache,
      rules: gate.config.rules,
      budget: settings.cacheBudget,
      folder: settings.cacheFolder,
      registry: this.registry,
      training: this.training,
      verifier,
      sink: this.sink,
      faults: this.faults,
      core: () => this.core,
      engine: () => this.engine(),
    });
  }

  /** @param engine tfjs-core's, which is being evaluated right now */
  start(engine: TfEngine): void {
    const { registry, steps, sink, faults } = this;
    const bundled = new BundledScript(registry, steps, sink, faults, (prototype) => {
      // In the forward pass only BatchNormalization assigns: to its running statistics.
      this.causes.watchVariables(
        prototype,
        (variable) => steps.depth > 0 && registry.isFrozen(variable),
      );
    });
    bundled.attach(engine, () => this.core !== null);
    this.sink.write({
      type: 'process-started',
      pid: process.pid,
      runtime: `node ${process.version}`,
      argv: process.argv,
    });
    const finalCheck = (canWait: boolean): void => {
      for (const model of this.registry.models) {
        this.faults.run('the final check', () => {
          this.training.finalCheck(model, canWait);
        });
      }
    };
    process.on('beforeExit', () => {
      finalCheck(true);
    });
    process.on('exit', (code) => {
      this.faults.run('the final check', () => {
        this.training.giveUpWaiting();
      });
      finalCheck(false);
      this.faults.run('the final check of the rules', () => {
        this.gate.tellUnmatched(this.registry.models);
      });
      this.faults.run('leaving the cache', () => {
        this.cache.exit();
      });
      this.faults.run('leaving the device', abandonHashes);
      this.sink.write({ type: 'process-ended', code: Number(process.exitCode ?? code) });
    });
  }

  /** Patches what a module exports of TensorFlow.js. */
  attach(exports: unknown): void {
    if (!isBag(exports) || this.attached.has(exports)) return;
    this.faults.run('patching TensorFlow.js', () => {
      this.patch(exports);
    });
  }

  private patch(exports: Bag): void {
    const isCore = 'engine' in exports && 'Variable' in exports && 'variableGrads' in exports;
    const isLayers = 'LayersModel' in exports && 'CallbackList' in exports;
    const isData = 'Dataset' in exports && 'generator' in exports;
    if (!isCore && !isLayers && !isData) return;
    this.attached.add(exports);
    if (isCore) this.engineSetUp.arrived(exports);
    if (isCore) this.attachCore(exports);
    if (isLayers) this.attachLayers(exports);
    if (isData) this.passes.attach(exports);
    const { data } = exports;
    if (isBag(data) && 'Dataset' in data) this.passes.attach(data);
  }

  private attachCore(core: Bag): void {
    this.core = core;
    this.causes.attachCore(core);
    this.discovery.attachCore(core);
    this.freezer.attachCore(core, () => this.engine());
    this.thaws.attachEngine(this.engine(), (model) => {
      this.clock.disposing(model);
    });
  }

  private attachLayers(layers: Bag): void {
    this.discovery.attachLayers(layers);
    this.causes.attachLayers(layers);
    this.models.attachLayers(layers);
    this.fits.attachLayers(layers);
    this.cache.attachLayers(layers);
    this.thaws.attachLayers(layers);
    if (this.core !== null) this.batchNorm.attach(this.core);
  }

  /** One engine serves all copies of tfjs-core in a process: it lives on the global object. */
  private engine(): TfEngine {
    return (globalThis as unknown as { _tfengine: TfEngine })._tfengine;
  }
}

let hook: Hook | null = null;

/**
 * Starts the hook: tfjs-core's engine has come to be, its modules are about to follow.
 * @param packages tells the names of the TensorFlow.js packages that are loaded
 * @param nodePackages knows the engines that are installed
 */
export function engineArrived(
  engine: unknown,
  packages: () => readonly string[],
  nodePackages: NodePackages,
): void {
  const settings = readSettings(process.env);
  if (settings === null) return;
  hook = new Hook(settings, packages, nodePackages);
  hook.start(engine as TfEngine);
}

/** Patches what `exports` holds of TensorFlow.js; anything else is passed over. Never throws. */
export function attach(exports: unknown): void {
  hook?.attach(exports);
}
