import type { Page } from 'playwright-core';

/** A row of a tree in the side bar as it is drawn. */
export interface TreeRow {
  /** Title of its view: `Parameters`. */
  readonly view: string;
  /** Labels from the root down to the row itself, as far as the ancestors are scrolled into view. */
  readonly path: readonly string[];
  readonly label: string;
  readonly description: string;
  /** What a screen reader says of the row. */
  readonly spoken: string;
  /** Depth, from 1. */
  readonly level: number;
  /** Null for a leaf. */
  readonly expanded: boolean | null;
  readonly selected: boolean;
  readonly focused: boolean;
  /** Null when the row has no checkbox. */
  readonly checked: boolean | null;
  /** What a screen reader says of the checkbox. */
  readonly spokenCheckbox: string | null;
  /** Id of its element. */
  readonly id: string;
}

/** Reads the rows that are drawn now; VS Code draws only those in sight. */
export async function readTreeRows(page: Page): Promise<readonly TreeRow[]> {
  return page.evaluate(() => {
    const text = (root: Element, selector: string): string =>
      root.querySelector(selector)?.textContent.trim() ?? '';
    const flag = (element: Element, name: string): boolean | null =>
      element.hasAttribute(name) ? element.getAttribute(name) === 'true' : null;
    return [...document.querySelectorAll('.part.sidebar .pane')].flatMap((pane) => {
      const view = text(pane, '.pane-header .title');
      const elements = [...pane.querySelectorAll('.monaco-list-row')].sort(
        (a, b) => Number(a.getAttribute('data-index')) - Number(b.getAttribute('data-index')),
      );
      const ancestors: { level: number; label: string }[] = [];
      return elements.map((element) => {
        const level = Number(element.getAttribute('aria-level') ?? 1);
        const label = text(element, '.label-name');
        while ((ancestors.at(-1)?.level ?? 0) >= level) ancestors.pop();
        ancestors.push({ level, label });
        const checkbox = element.querySelector('[role=checkbox]');
        return {
          view,
          path: ancestors.map((each) => each.label),
          label,
          description: text(element, '.label-description'),
          spoken: element.getAttribute('aria-label') ?? '',
          level,
          expanded: flag(element, 'aria-expanded'),
          selected: element.getAttribute('aria-selected') === 'true',
          focused: element.classList.contains('focused'),
          checked: checkbox === null ? null : flag(checkbox, 'aria-checked'),
          spokenCheckbox: checkbox?.getAttribute('aria-label') ?? null,
          id: element.id,
        };
      });
    });
  });
}
