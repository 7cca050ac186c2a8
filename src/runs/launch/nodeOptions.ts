/**
 * `NODE_OPTIONS` that preload `file` into every Node process, after what was there. Node splits
 * the variable at spaces; double quotes keep a space, and inside them a backslash escapes the next
 * character (`ParseNodeOptionsEnvVar` in node's src/node_options.cc).
 */
export function withPreload(nodeOptions: string | undefined, file: string): string {
  const option = `--require "${file.replace(/[\\"]/g, '\\$&')}"`;
  const before = nodeOptions?.trim() ?? '';
  return before.includes(option) ? before : `${before} ${option}`.trim();
}
