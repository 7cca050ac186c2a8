import { delimiter, join } from 'node:path';

/** The folder whose `sitecustomize.py` brings the hook into a Python process. */
export function siteFolder(dist: string): string {
  return join(dist, '..', 'python', 'permafrost', 'site');
}

/**
 * `PYTHONPATH` with `folder` first: Python imports the first `sitecustomize` that it finds, and
 * ours runs the one that it stands before. What was there keeps its order; an empty entry in it
 * means the working directory (getpath.py of CPython), while an empty variable means nothing.
 */
export function withSite(
  pythonPath: string | undefined,
  folder: string,
  separator: string = delimiter,
): string {
  const before = pythonPath === undefined || pythonPath === '' ? [] : pythonPath.split(separator);
  return [folder, ...before.filter((entry) => entry !== folder)].join(separator);
}
