import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkPlatform, compiler, programOnPath } from '../../../src/engines/install/machine';
import { EngineError } from '../../../src/engines/install/report';
import { checkDisk } from '../../../src/engines/install/tensorflow';
import { scratch } from './scratch';

describe('an engine that the platform cannot have', () => {
  it.each([
    ['gpu', 'darwin', 'arm64', null, 'CUDA does not exist on macOS'],
    ['gpu', 'linux', 'arm64', '2.36', 'for ARM is built without CUDA'],
    ['cpu', 'linux', 'x64', null, 'Alpine has musl'],
    ['cpu', 'linux', 'x64', '2.17', 'this Linux has 2.17'],
    ['cpu', 'linux', 'ia32', '2.36', 'no TensorFlow library for linux on ia32'],
    ['cpu', 'freebsd', 'x64', null, 'no TensorFlow library for freebsd'],
    ['cpu', 'win32', 'arm64', null, 'Windows on ARM'],
  ] as const)('%s on %s %s with glibc %s', (kind, platform, arch, glibc, reason) => {
    const check = (): void => {
      checkPlatform(kind, { platform, arch, glibc });
    };
    expect(check).toThrow(EngineError);
    expect(check).toThrow(reason);
    expect(check).toThrow(expect.objectContaining({ code: 'unsupported' }));
  });

  it.each([
    ['cpu', 'linux', 'x64', '2.27'],
    ['gpu', 'linux', 'x64', '2.36'],
    ['cpu', 'linux', 'arm64', '3.0'],
    ['cpu', 'darwin', 'arm64', null],
    ['gpu', 'win32', 'x64', null],
  ] as const)('is not %s on %s %s with glibc %s', (kind, platform, arch, glibc) => {
    checkPlatform(kind, { platform, arch, glibc });
  });
});

describe('a disk without room', () => {
  it('is told with what is needed and what is free', () => {
    expect(() => {
      checkDisk(1.5e9, 0.2e9, '/home/engines');
    }).toThrow('needs 1.5 GB on the disk that holds /home/engines, and 0.2 GB are free.');
    checkDisk(1.5e9, 1.5e9, '/home/engines');
  });
});

describe.runIf(process.platform !== 'win32')('programs of PATH', () => {
  function program(folder: string, name: string, mode = 0o755): string {
    const file = join(folder, name);
    writeFileSync(file, '#!/bin/sh\n');
    chmodSync(file, mode);
    return file;
  }

  it('are executable, absolute, and taken in the order of its folders', () => {
    const [first, second] = [scratch(), scratch()];
    program(first, 'tool', 0o644);
    const file = program(second, 'tool');
    const PATH = ['', '.', first, second].join(delimiter);
    expect(programOnPath('tool', { PATH })).toBe(file);
    expect(programOnPath('other', { PATH })).toBeNull();
    expect(programOnPath('tool', {})).toBeNull();
  });

  it('hold the compiler, which CXX may name', () => {
    const folder = scratch();
    const clang = program(folder, 'clang++');
    const own = program(folder, 'my-c++');
    expect(compiler({ PATH: folder })).toBe(clang);
    expect(compiler({ PATH: folder, CXX: 'my-c++' })).toBe(own);
    expect(compiler({ PATH: folder, CXX: own })).toBe(own);
    expect(compiler({ PATH: scratch() })).toBeNull();
  });
});
