import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readManifest, type EngineKind, type EngineManifest } from './manifest';

export interface FoundEngine {
  /** Absolute folder of the engine. */
  readonly folder: string;
  readonly manifest: EngineManifest;
}

/** Why there is no such engine, as the rest of a sentence. */
export interface NoEngine {
  readonly missing: string;
}

/**
 * The first usable engine of a kind, in the order of `homes`. One that is there and cannot be
 * used is passed over; when no other is found, the reason is its. Never throws.
 */
export function findEngine(kind: EngineKind, homes: readonly string[]): FoundEngine | NoEngine {
  let missing: string | null = null;
  for (const home of homes) {
    const folder = join(home, kind);
    if (!existsSync(folder)) continue;
    const reading = readManifest(folder);
    if ('manifest' in reading) {
      if (reading.manifest.kind === kind) return { folder, manifest: reading.manifest };
      missing ??= `${folder} holds the engine ${reading.manifest.kind}`;
    } else {
      missing ??= reading.reason;
    }
  }
  return { missing: missing ?? `the engine ${kind} is not installed` };
}
