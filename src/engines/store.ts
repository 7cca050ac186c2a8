import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { takeLock } from './lock';
import { MANIFEST_FILE, type EngineFile, type EngineKind, type EngineManifest } from './manifest';

/** What an installer knows once its folder is complete; the store adds the rest. */
export type EngineFacts = Omit<
  EngineManifest,
  'v' | 'kind' | 'platform' | 'arch' | 'files' | 'createdAt'
>;

/** An engine in the making. Nothing of it can be found before `finish`. */
export interface Installation {
  /** Absolute folder to build the engine in; deleted when the installation fails. */
  readonly folder: string;
  /** Where the engine will be. */
  readonly place: string;
  /** Absolute folder of downloads, which are kept for the next try. */
  readonly downloads: string;
  /**
   * Writes the manifest and moves the folder into place, in the stead of the engine that was
   * there. Call it last.
   * @param needed the files without which the engine cannot be used, relative to the folder
   * @throws Error when one of them is not there; what the file system throws
   */
  readonly finish: (facts: EngineFacts, needed: readonly string[]) => Promise<EngineManifest>;
}

/**
 * Makes an engine in `home` under its lock: `build` fills a folder of its own, which takes the
 * engine's place by one rename when it is finished, and is deleted otherwise.
 * @returns what `build` returns
 * @throws LockedError while another process installs the same kind; what `build` throws
 */
export async function install<T>(
  home: string,
  kind: EngineKind,
  build: (installation: Installation) => Promise<T>,
): Promise<T> {
  const release = await takeLock(home, kind);
  try {
    await removeLeftovers(home, kind);
    const folder = join(home, `.partial-${kind}-${randomBytes(4).toString('hex')}`);
    const downloads = join(home, 'downloads');
    await mkdir(folder);
    await mkdir(downloads, { recursive: true });
    await keepOutOfGit(home);
    try {
      return await build({
        folder,
        place: join(home, kind),
        downloads,
        finish: (facts, needed) => finish(home, kind, folder, facts, needed),
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } finally {
    await release();
  }
}

/**
 * Deletes an installed engine. Does nothing when there is none.
 * @throws LockedError while another process installs it; what the file system throws
 */
export async function remove(home: string, kind: EngineKind): Promise<void> {
  const release = await takeLock(home, kind);
  try {
    // Without its manifest it is never used, should deleting the rest be interrupted.
    await rm(join(home, kind, MANIFEST_FILE), { force: true });
    await rm(join(home, kind), { recursive: true, force: true });
  } finally {
    await release();
  }
}

async function finish(
  home: string,
  kind: EngineKind,
  folder: string,
  facts: EngineFacts,
  needed: readonly string[],
): Promise<EngineManifest> {
  const manifest: EngineManifest = {
    v: 1,
    kind,
    platform: process.platform,
    arch: process.arch,
    ...facts,
    files: await Promise.all(needed.map((path) => measure(folder, path))),
    createdAt: Date.now(),
  };
  await writeFile(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
  const place = join(home, kind);
  const old = join(home, `.partial-${kind}-old`);
  if (await exists(place)) await rename(place, old);
  await rename(folder, place);
  await rm(old, { recursive: true, force: true });
  return manifest;
}

async function measure(folder: string, path: string): Promise<EngineFile> {
  const { size } = await stat(join(folder, path));
  return { path, bytes: size };
}

/** What an installation left that was killed; the lock says that nobody works in it. */
async function removeLeftovers(home: string, kind: EngineKind): Promise<void> {
  const names = (await readdir(home)).filter((name) => name.startsWith(`.partial-${kind}-`));
  for (const name of names) await rm(join(home, name), { recursive: true, force: true });
}

/** Inside a project, `.permafrost` ignores all that is in it, as it does for runs. */
async function keepOutOfGit(home: string): Promise<void> {
  const parent = dirname(home);
  if (basename(parent) !== '.permafrost') return;
  await writeFile(join(parent, '.gitignore'), '*\n', { flag: 'wx' }).catch(() => undefined);
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
