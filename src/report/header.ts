import type { HeadView, ModelView, MovementView, ReportView } from '../runs/report/reportView';
import { h, link, setText } from './dom';
import { actionsOf } from './headActions';
import type { Host } from './host';
import { TONE_GLYPHS } from './verdicts';

/** The verdict, where the run stands, and what can be done with the report. */
export class Header {
  readonly element: HTMLElement;
  private readonly glyph = h('span', { class: 'glyph big', 'aria-hidden': 'true' });
  private readonly headline = h('span');
  private readonly status = h('p', { class: 'status' });
  private readonly detail = h('p', { class: 'detail' });
  private readonly progress = h('progress', { 'aria-label': 'Training progress' });
  private readonly movements = h('ul', { class: 'movements' });
  private readonly actions = h('div', {
    class: 'actions',
    role: 'group',
    'aria-label': 'Report actions',
  });
  private shown: HeadView | null = null;
  private kind: ReportView['kind'] | null = null;

  constructor(private readonly host: Host) {
    this.element = h(
      'header',
      { class: 'head' },
      h('h1', {}, this.glyph, this.headline),
      this.status,
      this.detail,
      this.movements,
      this.actions,
      this.progress,
    );
  }

  update({ kind, head, models }: ReportView): void {
    if (this.kind !== kind) this.actions.replaceChildren(...actionsOf(kind, this.host));
    this.kind = kind;
    this.element.dataset['tone'] = head.tone;
    this.glyph.dataset['cell'] = TONE_GLYPHS[head.tone];
    // Nothing is judged of what is only listed.
    this.glyph.hidden = head.tone === 'listed';
    setText(this.headline, head.headline);
    setText(this.detail, head.detail);
    this.detail.hidden = head.detail === '';
    const model = models.findLast(({ progress }) => progress !== null) ?? models.at(-1);
    setText(this.status, kind === 'run' ? statusLine(head, model) : head.status);
    this.status.classList.toggle('bad', head.endedBadly);
    this.updateProgress(head, model);
    if (this.shown === head) return;
    this.shown = head;
    this.movements.replaceChildren(...this.movementItems(head, models.length > 1));
    this.movements.hidden = this.movements.childElementCount === 0;
  }

  private updateProgress(head: HeadView, model: ModelView | undefined): void {
    const share = head.running && model !== undefined ? shareDone(model) : null;
    this.progress.hidden = share === null;
    if (share !== null) this.progress.value = share;
  }

  private movementItems(head: HeadView, several: boolean): HTMLElement[] {
    const items = head.movements.map((movement) => this.movementItem(movement, several));
    if (head.configError !== null) {
      items.push(h('li', {}, h('code', {}, head.configError.place), ` ${head.configError.text}`));
    }
    if (head.furtherMovements > 0) {
      items.push(h('li', {}, `and ${String(head.furtherMovements)} more, in the table below`));
    }
    return items;
  }

  private movementItem(movement: MovementView, several: boolean): HTMLElement {
    const { model, row, name, when, ranks, size, cause, source } = movement;
    const what = [when, ranks, size, cause].filter((part) => part !== '').join(' · ');
    const reveal = (): void => {
      if (row !== null) this.host.send({ type: 'revealTensor', model, row });
    };
    const open = (): void => {
      if (row !== null) this.host.send({ type: 'openCause', model, row });
    };
    return h(
      'li',
      {},
      row === null ? h('code', {}, name) : link(name, 'Reveal in tree', reveal),
      several ? ` of ${movement.modelName}` : null,
      ` ${what}`,
      source === '' ? null : ' at ',
      source === '' ? null : link(source, 'Open the script there', open),
    );
  }
}

function statusLine(head: HeadView, model: ModelView | undefined): string {
  const parts = [head.status];
  if (model !== undefined) {
    const of = model.totalEpochs === null ? '' : ` of ${String(model.totalEpochs)}`;
    const { progress } = model;
    if (progress === null) {
      const done = model.columns.length;
      if (done > 0)
        parts.push(`${String(done)}${of} ${done === 1 && of === '' ? 'epoch' : 'epochs'}`);
    } else {
      parts.push(`epoch ${String(progress.epoch)}${of}`);
      const batches = progress.batches === null ? '' : ` of ${String(progress.batches)}`;
      if (head.running && progress.batch > 0) {
        parts.push(`batch ${String(progress.batch)}${batches}`);
        if (progress.loss !== '') parts.push(`loss ${progress.loss}`);
      }
    }
  }
  return parts.join(' · ');
}

/** Share of all epochs that is done, 0 to 1; null when it cannot be known. */
function shareDone({ totalEpochs, progress, columns }: ModelView): number | null {
  if (totalEpochs === null) return null;
  if (progress === null) return columns.length / totalEpochs;
  const within = progress.batches === null ? 0 : progress.batch / progress.batches;
  return (progress.epoch - 1 + Math.min(1, within)) / totalEpochs;
}
