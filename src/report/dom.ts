type Child = Node | string | null;

interface Attributes {
  readonly [name: string]: string | number | boolean | null | undefined;
}

/**
 * Creates an element. An attribute that is null, undefined or false is left out, `true` is an
 * empty one; strings become text nodes, so nothing from a run is ever parsed as HTML.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) if (child !== null) element.append(child);
  return element;
}

/** Sets text only when it differs, so that a screen reader hears only what changed. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Text for screen readers only. */
export function hidden(text: string): HTMLSpanElement {
  return h('span', { class: 'sr' }, text);
}

/** A button that looks like a link: an action inside text. */
export function link(text: string, title: string, action: () => void): HTMLButtonElement {
  const button = h('button', { class: 'link', type: 'button', title }, text);
  button.addEventListener('click', action);
  return button;
}
