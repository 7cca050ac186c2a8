import { isBag, type Bag, type Method } from './tfjsTypes';

const PATCHED = Symbol('permafrost');

/**
 * Replaces the method `name` that `owner` itself has. Its name, length and property attributes
 * stay as they were, so that a script that looks finds the same. A method that is not there, that
 * was patched before (another copy of the package shares it), or that is sealed (the exports of
 * `dist/tf.es2017.js`) is left alone.
 * @param wrap gets the original and returns what stands in its place
 */
export function patchMethod(
  owner: unknown,
  name: string,
  wrap: (original: Method) => Method,
): void {
  if (!isBag(owner)) return;
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  const original: unknown = descriptor?.value;
  if (descriptor === undefined || typeof original !== 'function' || PATCHED in original) return;
  if (descriptor.configurable !== true && descriptor.writable !== true) return;
  const replacement = wrap(original as Method);
  for (const key of ['name', 'length'] as const) {
    Object.defineProperty(replacement, key, { value: original[key], configurable: true });
  }
  Object.defineProperty(replacement, PATCHED, { value: true });
  Object.defineProperty(owner, name, { ...descriptor, value: replacement });
}

/** As `patchMethod`, on the nearest object of `start`'s prototype chain that has the method. */
export function patchInherited(
  start: unknown,
  name: string,
  wrap: (original: Method) => Method,
): void {
  patchMethod(ownerOf(start, name), name, wrap);
}

/**
 * Runs `after` whenever the accessor `name` is assigned to, with the object, the value assigned,
 * and the value before.
 */
export function patchSetter(
  owner: unknown,
  name: string,
  after: (target: unknown, value: unknown, before: unknown) => void,
): void {
  if (!isBag(owner)) return;
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  const original: unknown = Reflect.get(descriptor ?? {}, 'set');
  if (descriptor === undefined || typeof original !== 'function' || PATCHED in original) return;
  const replacement = function (this: unknown, value: unknown): void {
    const before: unknown = Reflect.get(owner, name, this);
    original.call(this, value);
    after(this, value, before);
  };
  Object.defineProperty(replacement, PATCHED, { value: true });
  Object.defineProperty(owner, name, { ...descriptor, set: replacement });
}

/** The prototype of the class that `exports` holds under `name`. */
export function prototypeOf(exports: Bag, name: string): Bag | undefined {
  const constructor = exports[name];
  const prototype: unknown = typeof constructor === 'function' ? constructor.prototype : undefined;
  return isBag(prototype) ? prototype : undefined;
}

/** The nearest object of `start`'s prototype chain, itself included, that has `name`. */
export function ownerOf(start: unknown, name: string): unknown {
  let object: unknown = start;
  while (isBag(object) && !Object.hasOwn(object, name)) object = Object.getPrototypeOf(object);
  return object;
}
