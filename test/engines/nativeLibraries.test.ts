import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { preloadLibraries } from '../../src/tfjs/engine/nativeLibraries';
import { scratchFolder } from './projects';

test.runIf(process.platform === 'linux')(
  'libraries that need each other are loaded by their place and stay loaded',
  () => {
    const folder = scratchFolder();
    const compile = (name: string, code: string, ...options: readonly string[]): void => {
      const file = join(folder, `${name}.c`);
      writeFileSync(file, code);
      const library = `lib${name}.so.1`;
      const args = ['-shared', '-fPIC', `-Wl,-soname,${library}`, '-o', library, file, ...options];
      execFileSync('gcc', args, { cwd: folder });
    };
    compile('zbase', 'int base(void) { return 7; }');
    // As CUDA's: needs the other by name only, and comes first in the folder.
    compile(
      'above',
      'int base(void); int above(void) { return base(); }',
      '-l:libzbase.so.1',
      '-L.',
    );
    writeFileSync(join(folder, 'libbroken.so.1'), 'no library');
    writeFileSync(join(folder, 'notes.txt'), 'no library either');
    preloadLibraries([folder, join(folder, 'missing')]);
    const maps = readFileSync('/proc/self/maps', 'utf8');
    expect(maps).toContain(join(folder, 'libzbase.so.1'));
    expect(maps).toContain(join(folder, 'libabove.so.1'));
    expect(maps).not.toContain('libbroken');
  },
);
