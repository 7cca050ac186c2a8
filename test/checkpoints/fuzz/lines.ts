import type { Outcome } from './try';

/** What the process that tries files says. */
export type Line =
  | { readonly type: 'begin'; readonly index: number }
  | {
      readonly type: 'end';
      readonly index: number;
      readonly kind: string;
      readonly outcome: Outcome | { readonly crash: string };
      /** Of processor time. */
      readonly milliseconds: number;
    }
  | {
      readonly type: 'problem';
      readonly index: number;
      readonly name: string;
      readonly text: string;
    }
  | { readonly type: 'done'; readonly memory: number };
