import { h, setText } from './dom';
import type { UiStateKeeper } from './uiState';

/** A part of the report under a heading that folds away. */
export class Section {
  readonly element: HTMLDetailsElement;
  readonly body: HTMLDivElement;
  private readonly count: HTMLSpanElement;

  constructor(id: string, title: string, ui: UiStateKeeper, ...body: readonly HTMLElement[]) {
    this.count = h('span', { class: 'count' });
    this.body = h('div', { class: 'section-body' }, ...body);
    this.element = h(
      'details',
      { class: 'section', id: `section-${id}`, open: !ui.current.closed.includes(id) },
      h('summary', {}, h('h2', {}, title), this.count),
      this.body,
    );
    this.element.addEventListener('toggle', () => {
      const others = ui.current.closed.filter((each) => each !== id);
      ui.set({ closed: this.element.open ? others : [...others, id] });
    });
  }

  /** A word or number beside the heading. */
  note(text: string): void {
    setText(this.count, text);
  }

  show(shown: boolean): void {
    this.element.hidden = !shown;
  }
}
