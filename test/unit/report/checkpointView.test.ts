import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/freeze/config';
import type { CheckpointListing } from '../../../src/model/checkpoint/listing';
import type { TensorInfo } from '../../../src/model/inspection';
import { checkpointView } from '../../../src/runs/report/checkpointView';
import { plainView } from '../../../src/runs/report/plainView';

function tensor(
  name: string,
  shape: readonly number[],
  more: Partial<TensorInfo> = {},
): TensorInfo {
  const kind = name.includes('running_') ? 'statistic' : 'parameter';
  const module = name.replace(/\.[^.]*$/, '');
  return { name, kind, module, type: '', dtype: 'float32', shape, ...more };
}

const LISTING: CheckpointListing = {
  ...{ version: 1, framework: 'pytorch', source: 'weights/best.pt', time: 1 },
  models: [
    {
      ...{ name: 'model', className: '' },
      tensors: [
        tensor('stem.weight', [10, 100]),
        tensor('stem.running_mean', [10]),
        tensor('head.weight', [5, 100], { dtype: 'float16', aliases: ['tied.weight'] }),
      ],
    },
  ],
  ...{ format: 'torch', files: ['weights/best.pt'], bytes: 5_040, epoch: 7 },
  warnings: [{ text: 'it would run os.system.', advice: 'Do not load it.', offset: 17 }],
};

function config(...freeze: readonly string[]) {
  return parseConfig(JSON.stringify({ freeze })).config;
}

const facts = (listing: CheckpointListing): Record<string, string> =>
  Object.fromEntries(
    checkpointView(listing, null).head.facts.map(({ label, text }) => [label, text]),
  );

describe('the report of a checkpoint', () => {
  it('is headed by the file, with format, sizes, types and counts', () => {
    const { kind, head } = checkpointView(LISTING, null);
    expect([kind, head.tone, head.headline]).toEqual(['checkpoint', 'listed', 'best.pt']);
    expect(head.status).toBe('PyTorch, 5.0 kB, after epoch 7 · 3 tensors');
    expect(facts(LISTING)).toEqual({
      ...{ Format: 'PyTorch', Size: '5.0 kB', Tensors: '3', Parameters: '1,500' },
      ...{ Statistics: '1', Types: 'float32, 4.0 kB; float16, 1.0 kB' },
      ...{ 'Saved after epoch': '7', File: 'weights/best.pt' },
    });
  });

  it('warns of what its readers warn of, with the place', () => {
    expect(checkpointView(LISTING, null).notes).toEqual([
      {
        ...{ level: 'warning', text: 'offset 17: it would run os.system.' },
        ...{ advice: 'Do not load it.', offer: null },
      },
    ]);
  });

  it('says of each tensor whether the rules freeze it, and by which', () => {
    const view = checkpointView(LISTING, config('stem.**', '!stem.weight'));
    const [model] = view.models;
    expect(model?.tensors.map(({ name, frozen, rule }) => [name, frozen, rule])).toEqual([
      ['stem.weight', '', null],
      ['stem.running_mean', 'frozen', 0],
      ['head.weight', '', null],
    ]);
    expect(model?.tensors[2]).toMatchObject({
      ...{ shape: '5×100', dtype: 'float16', elements: 500, aliases: 'tied.weight' },
    });
    expect(view.rules).toEqual([
      { text: '"stem.**"', matched: 2, frozen: 1 },
      { text: '"!stem.weight"', matched: 1, frozen: 0 },
    ]);
    expect(model?.summary).toBe('1 of 3 tensors frozen by the rules; all 1,500 parameters train.');
  });

  it('counts what is left to train, in parameters', () => {
    const [model] = checkpointView(LISTING, config('stem.**')).models;
    expect(model?.summary).toBe(
      '2 of 3 tensors frozen by the rules; 500 of 1,500 parameters train (33.3%).',
    );
  });

  it('speaks of no rules when there is no config', () => {
    const view = checkpointView(LISTING, null);
    expect(view.rules).toEqual([]);
    expect(view.models[0]?.summary).toBe('3 tensors with 1,500 parameters.');
  });

  it('makes visible what names hide', () => {
    const hidden = tensor('a\u202eb\u0000', [1]);
    const listing = { ...LISTING, models: [{ name: 'x', className: '', tensors: [hidden] }] };
    const text = JSON.stringify(checkpointView(listing, null));
    expect(text).not.toMatch(/\u202e/);
    expect(text).toContain('a\\\\u202eb\\\\u0000');
  });

  it('names the shards of a large one, and how many more there are', () => {
    const files = Array.from({ length: 40 }, (_, at) => `shard-${String(at)}.safetensors`);
    expect(facts({ ...LISTING, files })['Files']).toMatch(/^shard-0.*and 28 more$/);
  });

  it('can hold nothing', () => {
    const view = checkpointView({ ...LISTING, models: [] }, config('a'));
    expect(view.models).toEqual([]);
    expect(view.rules).toEqual([{ text: '"a"', matched: 0, frozen: 0 }]);
  });
});

it('shows why there is nothing to show', () => {
  const view = plainView({
    ...{ kind: 'checkpoint', subject: 'a.pt', tone: 'moved' },
    ...{ headline: 'This checkpoint cannot be read', detail: 'a.pt: offset 3: torn\u0000' },
  });
  expect(view.head).toMatchObject({
    ...{ headline: 'This checkpoint cannot be read', detail: 'a.pt: offset 3: torn\\u0000' },
    endedBadly: true,
  });
});
