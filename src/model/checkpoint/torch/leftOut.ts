import type { CheckpointWarning } from '../checkpoint';

const MOST_NAMED = 20;
const MOST_TYPES = 20;

/** Notes what of a pickle is not listed, and why. */
export class LeftOut {
  readonly #names = new Map<string, string[]>();
  #tooDeep = false;

  /** A tensor whose element type is unknown here. */
  tensor(name: string, type: string): void {
    const names = this.#names.get(type) ?? [];
    this.#names.set(type, names);
    names.push(name);
  }

  /** Containers that are not gone through. */
  tooDeep(): void {
    this.#tooDeep = true;
  }

  warnings(): readonly CheckpointWarning[] {
    const warnings = [...this.#names].slice(0, MOST_TYPES).map(([type, names]) => {
      const shown = names.slice(0, MOST_NAMED).map(short).join(', ');
      const more = names.length - MOST_NAMED;
      const all = more > 0 ? `${shown} and ${String(more)} more` : shown;
      return {
        text: `${all}: left out, since Permafrost does not know the element type ${short(type)}`,
        advice: 'A newer version of Permafrost may know it.',
        offset: null,
      };
    });
    if (!this.#tooDeep) return warnings;
    const deep = {
      text: 'The file nests containers in each other more than 1,000 deep: what lies deeper is left out',
      advice: 'No model does so: look at what wrote the file.',
      offset: null,
    };
    return [...warnings, deep];
  }
}

function short(text: string): string {
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
