import type { Bag, TfModel } from '../tfjsTypes';

const originals = new WeakMap<object, object>();

/**
 * A model that answers some properties by itself and is `model` in everything else: what is
 * assigned to it arrives there, except for the properties of `own`.
 */
export function standIn<T extends TfModel>(model: T, own: Bag): T {
  const proxy = new Proxy(model, {
    get: (target, key) => (key in own ? own[key as string] : Reflect.get(target, key, target)),
    set: (target, key, value) =>
      key in own ? Reflect.set(own, key, value) : Reflect.set(target, key, value, target),
  });
  originals.set(proxy, model);
  return proxy;
}

/** The model behind a stand-in; anything else is returned as it is. */
export function behind(model: unknown): unknown {
  return originals.get(model as object) ?? model;
}
