import type { Random } from '../bytes/random';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const WORDS: readonly string[] = [
  '',
  '__proto__',
  'constructor',
  'toString',
  '__metadata__',
  '../../etc/passwd',
  '/etc/passwd',
  'C:\\x',
  'a\0b',
  '\u202egnp',
  'F32',
  'I4',
  'float32',
  'string',
  'NaN',
  'weight'.repeat(50),
];
const NUMBERS: readonly number[] = [
  -1,
  0,
  1,
  0.5,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 63,
  1e308,
  -(2 ** 53),
];

/** One value or key of the text is another; what is no JSON, or too deep for it, stays as it is. */
export function mutateJson(text: string, random: Random): string {
  try {
    return mutateRoot(JSON.parse(text) as Json, random);
  } catch {
    return text;
  }
}

function mutateRoot(root: Json, random: Random): string {
  const holders: (Json[] | { [key: string]: Json })[] = [];
  collect(root, holders);
  if (holders.length === 0) return JSON.stringify(value(random, root));
  const holder = random.pick(holders);
  if (Array.isArray(holder)) changeArray(holder, random, root);
  else changeObject(holder, random, root);
  const written = JSON.stringify(root);
  if (random.below(12) > 0) return written;
  // What JSON.stringify cannot write.
  return random.below(2) === 0
    ? written.replace(/"([^"]*)":/, (key) => `${key}null,${key}`)
    : written.replace(/\d+/, () => random.pick(['1e999', '-0', '1E+400', '00', '0x10', 'NaN']));
}

function collect(json: Json, holders: (Json[] | { [key: string]: Json })[]): void {
  if (typeof json !== 'object' || json === null) return;
  if (Object.keys(json).length > 0) holders.push(json);
  for (const each of Object.values(json)) collect(each, holders);
}

function changeArray(array: Json[], random: Random, root: Json): void {
  const index = random.below(array.length);
  const way = random.below(4);
  if (way === 0) array.splice(index, 1);
  else if (way === 1) array.splice(index, 0, ...array);
  else array[index] = value(random, root);
}

function changeObject(object: { [key: string]: Json }, random: Random, root: Json): void {
  const key = random.pick(Object.keys(object));
  const way = random.below(5);
  if (way === 0) {
    // The rule against it is for maps that many keys come and go in.
    Reflect.deleteProperty(object, key);
  } else if (way === 1) {
    define(object, random.pick(WORDS), object[key] ?? null);
  } else {
    object[key] = value(random, root);
  }
}

/** `__proto__` too is a key like others in JSON. */
function define(object: { [key: string]: Json }, key: string, json: Json): void {
  Object.defineProperty(object, key, { value: json, enumerable: true, configurable: true });
}

function value(random: Random, root: Json): Json {
  switch (random.below(9)) {
    case 0:
      return null;
    case 1:
      return random.pick(WORDS);
    case 2:
      return [];
    case 3:
      return {};
    case 4:
      return random.below(2) === 0;
    case 5:
      return Array.from({ length: 1 + random.below(40) }, () => random.pick(NUMBERS));
    case 6: {
      let deep: Json = random.pick(NUMBERS);
      for (let depth = random.below(3000); depth > 0; depth -= 1) deep = [deep];
      return deep;
    }
    case 7: {
      const holders: Json[] = [];
      collect(root, holders as Json[][]);
      return JSON.parse(JSON.stringify(random.pick(holders.length > 0 ? holders : [1]))) as Json;
    }
    default:
      return random.pick(NUMBERS);
  }
}
