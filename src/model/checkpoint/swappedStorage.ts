import type { Storage } from './checkpoint';
import { DecodedStorage } from './decodedStorage';

/**
 * Numbers whose bytes stand in the other order, read in that of all other files.
 * @param width bytes of a number: of a complex one, of each part
 */
export function swapped(storage: Storage, width: number): Storage {
  return new DecodedStorage(storage, width, (units) => {
    for (let at = 0; at < units.length; at += width) units.subarray(at, at + width).reverse();
  });
}
