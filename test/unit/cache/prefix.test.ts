import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/freeze/config';
import type { GraphModel } from '../../../src/tfjs/cache/graph';
import { thawIn, type Window } from '../../../src/tfjs/cache/frozenThrough';
import { KnownLayers } from '../../../src/tfjs/cache/knownLayers';
import { LayerJudge } from '../../../src/tfjs/cache/layerJudge';
import { findPrefix } from '../../../src/tfjs/cache/prefix';
import { ModelRegistry } from '../../../src/tfjs/modelRegistry';
import type { TfModel } from '../../../src/tfjs/tfjsTypes';

const known = new KnownLayers();
known.note(tf);

/** Finds the prefix of a real model under rules, and tells it in one line. */
function prefixOf(
  model: tf.LayersModel,
  freeze: readonly unknown[],
  window: Window = { from: 1, until: 5 },
): string {
  const { config } = parseConfig(JSON.stringify({ freeze }));
  if (config === null) throw new Error('the config is not valid');
  const registry = new ModelRegistry(config.rules);
  const source = model as unknown as TfModel;
  registry.register(source);
  const judge = new LayerJudge(known, registry, config.rules);
  const graph = (source.model ?? source) as GraphModel;
  const masks = known.masks(graph);
  if (masks !== null) return masks;
  const found = findPrefix(graph.outputs, (layer) => judge.judge(layer, window));
  if (found.kind === 'none') return found.reason;
  const names = (list: readonly { sourceLayer: { name: string } }[]): string =>
    list.map(({ sourceLayer }) => sourceLayer.name).join(' ');
  const layers = found.layers.map(({ name }) => name).join(' ');
  const raw = found.raw.length > 0 ? `, needs ${names(found.raw)}` : '';
  return `${layers} | cut at ${names(found.features)}${raw}`;
}

const { layers } = tf;
const conv = (name: string, more = {}): tf.layers.Layer =>
  layers.conv2d({ name, filters: 2, kernelSize: 3, ...more });
const dense = (name: string, units = 2): tf.layers.Layer => layers.dense({ name, units });
const norm = (name: string): tf.layers.Layer => layers.batchNormalization({ name });
const drop = (name: string): tf.layers.Layer => layers.dropout({ name, rate: 0.5 });
const image = (name = 'image'): tf.SymbolicTensor => tf.input({ name, shape: [8, 8, 1] });
const chain = (from: tf.SymbolicTensor, ...list: readonly tf.layers.Layer[]): tf.SymbolicTensor =>
  list.reduce((tensor, layer) => layer.apply(tensor) as tf.SymbolicTensor, from);
const modelOf = (
  inputs: tf.SymbolicTensor | tf.SymbolicTensor[],
  outputs: tf.SymbolicTensor | tf.SymbolicTensor[],
): tf.LayersModel => tf.model({ name: 'net', inputs, outputs });

function built(list: tf.layers.Layer[]): tf.Sequential {
  const model = tf.sequential({ name: 'net', layers: list });
  model.build();
  return model;
}

const digits = (): tf.Sequential =>
  built([
    conv('conv1', { inputShape: [8, 8, 1] }),
    norm('bn1'),
    layers.flatten({ name: 'flat' }),
    dense('hidden'),
    drop('drop'),
    dense('head'),
  ]);

describe('the prefix of a sequential model', () => {
  it('goes as far as everything is frozen, and over layers without weights', () => {
    expect(prefixOf(digits(), ['conv1/*', 'bn1/*'])).toBe('conv1 bn1 flat | cut at flat');
    expect(prefixOf(digits(), ['conv1/*'])).toBe('conv1 | cut at conv1');
    expect(prefixOf(digits(), ['**', '!head/*'])).toBe('conv1 bn1 flat hidden | cut at hidden');
  });

  it('ends at what draws at random', () => {
    const noisy = built([
      conv('conv1', { inputShape: [8, 8, 1] }),
      layers.gaussianNoise({ name: 'noise', stddev: 1 }),
      layers.flatten({ name: 'flat' }),
      dense('hidden'),
      dense('head'),
    ]);
    expect(prefixOf(noisy, ['**', '!head/*'])).toBe('conv1 | cut at conv1');
  });

  it('ends at BatchNorm whose statistics or scale still move', () => {
    const only = (tensors: string): unknown => ({ match: 'bn1/*', tensors });
    expect(prefixOf(digits(), ['conv1/*', only('parameters')])).toBe('conv1 | cut at conv1');
    expect(prefixOf(digits(), ['conv1/*', only('statistics')])).toBe('conv1 | cut at conv1');
  });

  it('is none where the first layer trains, thaws later or freezes later', () => {
    expect(prefixOf(digits(), ['bn1/*'])).toBe('no rule freezes conv1/kernel');
    expect(prefixOf(digits(), [{ match: 'conv1/*', until: 3 }])).toBe(
      'conv1/kernel thaws in epoch 4, after the rule {"match":"conv1/*","until":3}',
    );
    expect(prefixOf(digits(), [{ match: 'conv1/*', from: 2 }])).toBe(
      'conv1/kernel is not frozen in epoch 1',
    );
    expect(prefixOf(digits(), ['conv1/kernel'])).toBe('no rule freezes conv1/bias');
  });

  it('reaches over a thaw that comes after the training', () => {
    const until = { match: 'conv1/*', until: 5 };
    expect(prefixOf(digits(), [until])).toBe('conv1 | cut at conv1');
    expect(prefixOf(digits(), [until], { from: 1, until: null })).toContain('thaws in epoch 6');
  });

  it('cuts inside a model that comes first in a sequential one', () => {
    const base = built([
      conv('conv1', { inputShape: [8, 8, 1] }),
      layers.flatten({ name: 'flat' }),
      dense('old'),
    ]);
    const model = tf.sequential({ name: 'outer', layers: [base, dense('head')] });
    model.build();
    expect(prefixOf(model, ['**/conv1/*'])).toBe('conv1 flat | cut at flat');
  });
});

describe('the prefix of a functional model', () => {
  it('is cut at every branch that leaves it, and passes inputs on that the rest needs', () => {
    const [left, facts] = [image(), tf.input({ name: 'facts', shape: [3] })];
    const trunk = chain(left, conv('conv1'));
    const a = chain(trunk, conv('conv2'), layers.flatten({ name: 'a' }));
    const b = chain(trunk, layers.flatten({ name: 'b' }));
    const own = chain(left, layers.flatten({ name: 'own' }), dense('mine'));
    const all = layers
      .concatenate({ name: 'all' })
      .apply([a, b, own, chain(facts, dense('theirs'))]);
    const model = modelOf([left, facts], chain(all as tf.SymbolicTensor, dense('head')));
    expect(prefixOf(model, ['conv1/*', 'conv2/*'])).toBe(
      'conv1 conv2 a b | cut at a b, needs image facts',
    );
    expect(prefixOf(model, ['conv1/*'])).toBe('conv1 b | cut at conv1 b, needs image facts');
    expect(prefixOf(model, ['**', '!head/*'])).toContain('mine theirs all | cut at all');
  });

  it('takes each use of a shared layer on its own', () => {
    const [left, right] = [image('left'), image('right')];
    const shared = conv('shared');
    const a = chain(left, shared, layers.flatten({ name: 'a' }));
    const b = chain(right, conv('own', { padding: 'same', filters: 1 }), shared);
    const all = layers
      .concatenate({ name: 'all' })
      .apply([a, chain(b, layers.flatten({ name: 'b' }))]);
    const model = modelOf([left, right], chain(all as tf.SymbolicTensor, dense('head')));
    expect(prefixOf(model, ['shared/*'])).toBe('shared a | cut at a, needs right');
  });

  it('may hold an output of the model', () => {
    const input = image();
    const trunk = chain(input, conv('conv1'), layers.flatten({ name: 'flat' }));
    const model = modelOf(input, [trunk, chain(trunk, dense('head'))]);
    expect(prefixOf(model, ['conv1/*'])).toBe('conv1 flat | cut at flat');
  });

  it('holds a nested model as a whole or not at all', () => {
    const nested = (...more: tf.layers.Layer[]): tf.LayersModel => {
      const base = built([conv('conv1', { inputShape: [8, 8, 1] }), ...more, layers.flatten()]);
      const input = image();
      return modelOf(input, chain(input, base, dense('head')));
    };
    const frozen = (model: tf.LayersModel): string => prefixOf(model, ['**', '!head/*']);
    expect(frozen(nested(norm('bn1')))).toBe('net | cut at net');
    expect(frozen(nested(drop('drop')))).toBe('drop (Dropout) draws at random in training');
    expect(prefixOf(nested(norm('bn1')), ['**/conv1/*'])).toBe('no rule freezes net/bn1/gamma');
  });
});

class Shift extends tf.layers.Layer {
  static className = 'Shift';
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.add([inputs].flat()[0] as tf.Tensor, 1);
  }
  override computeOutputShape(shape: tf.Shape): tf.Shape {
    return shape;
  }
}

describe('layers of which nobody knows what they do', () => {
  it('end the prefix', () => {
    const model = built([
      conv('conv1', { inputShape: [8, 8, 1] }),
      new Shift({ name: 'shift' }),
      layers.flatten(),
      dense('head'),
    ]);
    expect(prefixOf(model, ['conv1/*'])).toBe('conv1 | cut at conv1');
    const first = built([new Shift({ name: 'shift', inputShape: [4] }), dense('a'), dense('b')]);
    expect(prefixOf(first, ['a/*'])).toContain('shift (Shift) is a layer of which it is not known');
  });

  it('count as unknown when they bear a name of TensorFlow.js or have a method of their own', () => {
    class Dense extends Shift {
      static override className = 'Dense';
    }
    const named = built([new Dense({ name: 'mine', inputShape: [4] }), dense('a'), dense('b')]);
    expect(prefixOf(named, ['a/*'])).toContain('mine (Dense)');
    const changed = digits();
    const [first] = changed.layers;
    const call = first?.call.bind(first);
    Object.assign(first ?? {}, { call });
    expect(prefixOf(changed, ['conv1/*'])).toContain('conv1 (Conv2D)');
  });
});

describe('sequences', () => {
  const words = tf.input({ name: 'words', shape: [5] });
  const withMask = (maskZero: boolean): tf.LayersModel =>
    modelOf(
      words,
      chain(
        words,
        layers.embedding({ name: 'embed', inputDim: 9, outputDim: 3, maskZero }),
        layers.lstm({ name: 'lstm', units: 2 }),
        dense('head'),
      ),
    );

  it('are cut unless masks flow through the model', () => {
    expect(prefixOf(withMask(false), ['embed/*'])).toBe('embed | cut at embed');
    expect(prefixOf(withMask(true), ['embed/*'])).toContain('embed (Embedding) masks');
  });

  it('are cut behind recurrent layers that neither drop out nor remember', () => {
    const kinds = { plain: {}, dropping: { recurrentDropout: 0.2 }, stateful: { stateful: true } };
    const told = Object.values(kinds).map((more) => {
      const input = tf.input({ batchShape: [4, 5, 3] });
      const lstm = layers.lstm({ name: 'lstm', units: 2, ...more });
      return prefixOf(modelOf(input, chain(input, lstm, dense('head'))), ['lstm/*']);
    });
    expect(told[0]).toBe('lstm | cut at lstm');
    expect(told[1]).toContain('has dropout');
    expect(told[2]).toContain('keeps a state');
  });
});

describe('a window of epochs', () => {
  it('is frozen through spans of several rules that follow each other', () => {
    const spans = [
      { from: 1, until: 3, rule: 0 },
      { from: 4, until: null, rule: 1 },
    ];
    expect(thawIn(spans, { from: 2, until: null })).toBeNull();
    expect(thawIn(spans.slice(0, 1), { from: 2, until: 3 })).toBeNull();
    expect(thawIn(spans.slice(0, 1), { from: 2, until: 4 })).toEqual({ epoch: 4, rule: 0 });
    expect(thawIn(spans.slice(1), { from: 2, until: 9 })).toEqual({ epoch: 2, rule: null });
  });
});
