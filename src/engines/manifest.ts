/**
 * What an installed engine tells of itself, in `permafrost-engine.json`, which is written last: a
 * folder without it was never finished. Read inside the user's process too, so it needs nothing
 * but Node.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** `cpu` and `gpu`: libtensorflow for tfjs-node and tfjs-node-gpu; `webgpu`: Dawn. */
export const ENGINE_KINDS = ['cpu', 'gpu', 'webgpu'] as const;
export type EngineKind = (typeof ENGINE_KINDS)[number];

/**
 * Where the library came from: a Python environment that had it (linked to, not copied), PyPI's
 * wheel, the npm package's own download, or npm.
 */
export const ENGINE_SOURCES = ['python', 'pypi', 'package', 'npm'] as const;
export type EngineSource = (typeof ENGINE_SOURCES)[number];

/** A file that the engine needs; a link counts with the size of what it leads to. */
export interface EngineFile {
  /** Relative to the engine's folder, parts separated by `/`. */
  readonly path: string;
  readonly bytes: number;
}

export interface EngineManifest {
  readonly v: 1;
  readonly kind: EngineKind;
  /** Name and version, as in `TensorFlow 2.21.0`. */
  readonly library: string;
  /** As in `process.platform` and `process.arch`. */
  readonly platform: string;
  readonly arch: string;
  readonly source: EngineSource;
  /** Our own copy of the npm packages with their dependencies, relative to the engine's folder. */
  readonly packages: string;
  /** The npm package that the engine serves, as in `@tensorflow/tfjs-node-gpu`. */
  readonly package: string;
  /** The compiled addon, relative to the engine's folder. */
  readonly addon?: string;
  /** Absolute folders of further libraries that are loaded by name: CUDA from pip. */
  readonly libraryPaths?: readonly string[];
  /** What must be there, with its size, for the engine to be used. */
  readonly files: readonly EngineFile[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

export const MANIFEST_FILE = 'permafrost-engine.json';

/** The manifest of a folder, or why the folder cannot be used. */
export type ManifestReading = { readonly manifest: EngineManifest } | { readonly reason: string };

/**
 * Reads the manifest in `folder` and compares the sizes of the files that it names. Never throws.
 */
export function readManifest(folder: string): ManifestReading {
  let text: string;
  try {
    text = readFileSync(join(folder, MANIFEST_FILE), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { reason: code === 'ENOENT' ? `nothing in ${folder}` : `${folder}: ${String(code)}` };
  }
  const manifest = parseManifest(text);
  if (manifest === null) return { reason: `${join(folder, MANIFEST_FILE)} is not a manifest` };
  const reason = damage(folder, manifest);
  return reason === null ? { manifest } : { reason };
}

/** Why the files in `folder` are not those that `manifest` names; null when they are. */
function damage(folder: string, { files, platform, arch }: EngineManifest): string | null {
  if (platform !== process.platform || arch !== process.arch) {
    return `${folder} is for ${platform} on ${arch}, this is ${process.platform} on ${process.arch}`;
  }
  for (const { path, bytes } of files) {
    const file = join(folder, path);
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined) return `${file} is gone`;
    if (found.size !== bytes) {
      return `${file} has ${String(found.size)} bytes, ${String(bytes)} were installed`;
    }
  }
  return null;
}

/** The manifest in `text`; null when it is none, or of a newer format. */
export function parseManifest(text: string): EngineManifest | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isManifest(value) ? value : null;
}

function isManifest(value: unknown): value is EngineManifest {
  if (!isRecord(value)) return false;
  return (
    value['v'] === 1 &&
    isOneOf(ENGINE_KINDS, value['kind']) &&
    isOneOf(ENGINE_SOURCES, value['source']) &&
    ['library', 'platform', 'arch', 'packages', 'package'].every(
      (key) => typeof value[key] === 'string',
    ) &&
    (value['addon'] === undefined || typeof value['addon'] === 'string') &&
    (value['libraryPaths'] === undefined || isArrayOf(value['libraryPaths'], isString)) &&
    isArrayOf(value['files'], isFile) &&
    typeof value['createdAt'] === 'number'
  );
}

function isFile(value: unknown): boolean {
  return isRecord(value) && typeof value['path'] === 'string' && typeof value['bytes'] === 'number';
}

function isString(value: unknown): boolean {
  return typeof value === 'string';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isArrayOf(value: unknown, test: (each: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(test);
}

function isOneOf(words: readonly unknown[], value: unknown): boolean {
  return words.includes(value);
}
