import { version } from '../../package.json';

/** Version of Permafrost. */
export const VERSION: string = version;

/** Folder of the bundles: this one's own. */
export function distDirectory(): string {
  return __dirname;
}
