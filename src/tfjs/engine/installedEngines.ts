import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { findEngine, type FoundEngine, type NoEngine } from '../../engines/findEngine';
import type { EngineKind } from '../../engines/manifest';

/** Engines that hold libtensorflow. */
export type LibraryKind = Extract<EngineKind, 'cpu' | 'gpu'>;
export const LIBRARY_KINDS: readonly LibraryKind[] = ['gpu', 'cpu'];

/** The engines on this machine, each looked for once, when it is first asked for. */
export class InstalledEngines {
  private readonly found = new Map<EngineKind, FoundEngine | NoEngine>();

  /** @param homes folders that hold engines, in the order in which they are looked through */
  constructor(private readonly homes: readonly string[]) {}

  /** Whether somebody has installed an engine with libtensorflow, usable or not. */
  get isAnyThere(): boolean {
    return LIBRARY_KINDS.some((kind) => this.isThere(kind));
  }

  /** Whether somebody has installed an engine of this kind, usable or not. */
  isThere(kind: EngineKind): boolean {
    return this.homes.some((home) => existsSync(join(home, kind)));
  }

  find(kind: EngineKind): FoundEngine | NoEngine {
    const found = this.found.get(kind) ?? look(kind, this.homes);
    this.found.set(kind, found);
    return found;
  }

  /** Those of `kinds` that can be used, in that order. */
  among(kinds: readonly LibraryKind[]): readonly FoundEngine[] {
    return kinds.flatMap((kind) => {
      const found = this.find(kind);
      return 'manifest' in found ? found : [];
    });
  }
}

/** Modules are known by their real paths. */
function look(kind: EngineKind, homes: readonly string[]): FoundEngine | NoEngine {
  const found = findEngine(kind, homes);
  return 'manifest' in found ? { ...found, folder: realpathSync(found.folder) } : found;
}
