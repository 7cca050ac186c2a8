import type { FoundEngine } from '../../engines/findEngine';
import type { EngineChoice } from '../../freeze/format';
import { loadAddon, loadEngineAddon, withEnvironment, type LoadedAddon } from './addons';
import type { InstalledEngines, LibraryKind } from './installedEngines';

/** The addon that runs, and why not one that was to be preferred. */
export interface ChosenAddon {
  /** Null when none could be loaded. */
  readonly file: string | null;
  /** The engine that it belongs to; null for the addon of the user's own package. */
  readonly engine: FoundEngine | null;
  /** Of each addon that was tried before: why it is not the one. Sentences without full stop. */
  readonly reasons: readonly string[];
  /** Whether it was to run on a GPU. */
  readonly wantsGpu: boolean;
  /** Whether it can. */
  readonly canGpu: boolean;
}

/** The addon of the user's own package. */
export interface OwnAddon {
  readonly file: string;
  /** Whether the package is tfjs-node-gpu. */
  readonly isGpu: boolean;
}

/** An addon that may be there. */
interface Candidate {
  readonly engine: FoundEngine | null;
  readonly load: () => LoadedAddon;
}

type Loaded = Omit<ChosenAddon, 'wantsGpu' | 'canGpu'>;

/** Chooses the addon, once in a process: libtensorflow cannot be loaded twice. */
export class AddonChooser {
  /** The config's wish; set before the first choice. */
  wish: EngineChoice | null = null;
  /** What was chosen; null before. */
  chosen: ChosenAddon | null = null;

  constructor(readonly engines: InstalledEngines) {}

  /**
   * @param own the addon of the user's package; null when it has none
   * @param gpuPackage whether the script asks for tfjs-node-gpu
   */
  choose(own: OwnAddon | null, gpuPackage: boolean): ChosenAddon {
    if (this.chosen !== null) return this.chosen;
    const kinds = this.kinds(gpuPackage);
    const [best] = kinds;
    const loaded = firstThatLoads(this.candidates(own, gpuPackage));
    // An engine is missed when nothing better came in its place.
    const missed = kinds.filter(
      (kind) =>
        (kind === best && (own === null || this.wish === 'gpu')) ||
        (loaded.file === null && this.engines.isThere(kind)),
    );
    const reasons = [...missed.flatMap((kind) => this.whyNot(kind)), ...loaded.reasons];
    const canGpu =
      loaded.engine === null ? own?.isGpu === true : loaded.engine.manifest.kind === 'gpu';
    return (this.chosen = { ...loaded, reasons, wantsGpu: best === 'gpu', canGpu });
  }

  /**
   * Whether a script whose addon cannot be had goes on without: somebody wants an engine, and not
   * that the script ends.
   */
  get goesOnWithout(): boolean {
    return this.wish !== null || this.engines.isAnyThere;
  }

  /** Kinds of engines that may serve, the best first. */
  kinds(gpuPackage: boolean): readonly LibraryKind[] {
    const gpuFirst = this.wish === 'gpu' || (gpuPackage && this.wish !== 'node');
    return gpuFirst ? ['gpu', 'cpu'] : ['cpu', 'gpu'];
  }

  private candidates(own: OwnAddon | null, gpuPackage: boolean): readonly Candidate[] {
    const hideGpu = this.wish === 'node';
    const engines = this.engines.among(this.kinds(gpuPackage)).map((engine) => ({
      engine,
      load: () => loadEngineAddon(engine, hideGpu),
    }));
    if (own === null) return engines;
    const env: Record<string, string> = hideGpu ? { CUDA_VISIBLE_DEVICES: '-1' } : {};
    const users = { engine: null, load: () => withEnvironment(env, () => loadAddon(own.file)) };
    if (this.wish !== 'gpu') return [users, ...engines];
    const isGpu = ({ engine }: Candidate): boolean => engine?.manifest.kind === 'gpu';
    return [...engines.filter(isGpu), users, ...engines.filter((each) => !isGpu(each))];
  }

  private whyNot(kind: LibraryKind): readonly string[] {
    const found = this.engines.find(kind);
    return 'missing' in found ? [found.missing] : [];
  }
}

function firstThatLoads(candidates: readonly Candidate[]): Loaded {
  const reasons: string[] = [];
  for (const { engine, load } of candidates) {
    const loaded = load();
    if ('file' in loaded) return { file: loaded.file, engine, reasons };
    reasons.push(loaded.reason);
  }
  return { file: null, engine: null, reasons };
}
