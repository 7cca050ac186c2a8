import { execFile } from 'node:child_process';
import { utimesSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { PYTHON } from './torch';

/** Names of tensors with their values, which are float32. */
export type Tensors = ReadonlyMap<string, { readonly shape: readonly number[]; values: number[] }>;

/** The tensors of a small ResNet as torchvision names them, with the same values each time. */
export function resnet(): Tensors {
  const tensors = new Map<string, { shape: readonly number[]; values: number[] }>();
  let seed = 1;
  const add = (name: string, ...shape: readonly number[]): void => {
    const count = shape.reduce((product, size) => product * size, 1);
    const values = Array.from({ length: count }, () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return Math.fround(seed / 2_147_483_647 - 0.5);
    });
    tensors.set(name, { shape, values });
  };
  const norm = (name: string, width: number): void => {
    for (const part of ['weight', 'bias', 'running_mean', 'running_var']) {
      add(`${name}.${part}`, width);
    }
  };
  add('conv1.weight', 8, 3, 7, 7);
  norm('bn1', 8);
  for (const [layer, width, before] of [
    ['layer1', 8, 8],
    ['layer2', 16, 8],
    ['layer3', 32, 16],
  ] as const) {
    for (const block of ['0', '1']) {
      add(`${layer}.${block}.conv1.weight`, width, block === '0' ? before : width, 3, 3);
      norm(`${layer}.${block}.bn1`, width);
      add(`${layer}.${block}.conv2.weight`, width, width, 3, 3);
      norm(`${layer}.${block}.bn2`, width);
    }
  }
  add('fc.weight', 10, 32);
  add('fc.bias', 10);
  return tensors;
}

/** The same tensors after a training: those that `moves` says have other values. */
export function trained(tensors: Tensors, moves: (name: string) => boolean): Tensors {
  return new Map(
    [...tensors].map(([name, { shape, values }]) => [
      name,
      { shape, values: moves(name) ? values.map((value) => value * 1.01 + 0.001) : values },
    ]),
  );
}

/**
 * Writes a .safetensors file by its specification (a length of 8 bytes, a header in JSON, the
 * values) and gives it a time.
 */
export function writeSafetensors(path: string, tensors: Tensors, time: Date): void {
  let at = 0;
  const header = Object.fromEntries(
    [...tensors].map(([name, { shape, values }]) => {
      const begin = at;
      at += 4 * values.length;
      return [name, { dtype: 'F32', shape, data_offsets: [begin, at] }];
    }),
  );
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const values = [...tensors.values()].map((each) =>
    Buffer.from(Float32Array.from(each.values).buffer),
  );
  writeFileSync(path, Buffer.concat([length, json, ...values]));
  utimesSync(path, time, time);
}

/** Has torch write a checkpoint that runs a command when torch.load reads it without protection. */
export async function writeMalicious(path: string, command: string): Promise<void> {
  const script = `
import os, sys, torch
class Attack:
    def __reduce__(self):
        return (os.system, (sys.argv[2],))
torch.save({'conv.weight': torch.ones(2, 3), 'step': Attack()}, sys.argv[1])
`;
  await promisify(execFile)(PYTHON, ['-c', script, path, command]);
}
