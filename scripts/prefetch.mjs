// Fetches what later stages of the tests need while earlier ones compute. The stages call the same
// installers again, which find everything in place, or tell why it cannot be had.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Runs installers of this folder one after the other, as apt lets only one in at a time.
 * @param {Iterable<string>} programs names without ending, in the order in which they are needed
 * @param {(line: string) => void} say told what they print
 * @returns {{ ready(...programs: string[]): Promise<void>, end(signal: NodeJS.Signals): void }}
 *   `ready` resolves when these are through, however they ended; `end` ends the one that runs
 */
export function prefetch(programs, say) {
  const through = new Map();
  let child;
  let ended = false;
  let before = Promise.resolve();
  for (const program of programs) {
    before = before.then(() => (ended ? undefined : run(program)));
    through.set(program, before);
  }

  function run(program) {
    return new Promise((resolve) => {
      const file = fileURLToPath(new URL(`${program}.mjs`, import.meta.url));
      child = spawn(process.execPath, [file], {
        stdio: ['ignore', 'pipe', 'ignore'],
        detached: true,
      });
      let printed = '';
      child.stdout.on('data', (chunk) => {
        const lines = (printed + String(chunk)).split('\n');
        printed = lines.pop();
        for (const line of lines) if (/^(installing|fetching) /.test(line)) say(line);
      });
      child.once('error', resolve);
      child.once('close', resolve);
    });
  }

  return {
    ready: async (...names) => void (await Promise.all(names.map((name) => through.get(name)))),
    end: (signal) => {
      ended = true;
      try {
        if (child?.pid !== undefined) process.kill(-child.pid, signal);
      } catch {
        // It ended by itself.
      }
    },
  };
}
