import type { NoteView, ReportView } from '../runs/report/reportView';
import { dropdown } from './controls';
import { Curves } from './curves';
import { h } from './dom';
import { factList } from './factList';
import { Header } from './header';
import type { Host } from './host';
import { normTable } from './norms';
import { noteList } from './notes';
import { rankTable } from './ranks';
import { ruleTable } from './rules';
import { Section } from './section';
import { TensorSection } from './tensorSection';
import type { UiStateKeeper } from './uiState';
import { unmovedList } from './unmoved';

/** How many facts stand under the verdict; the others are in a section of their own. */
const FIRST_FACTS = 6;

/** The whole report, drawn from one view. */
export class Page {
  readonly element: HTMLElement;
  private readonly header: Header;
  private readonly facts = h('div');
  private readonly warnings = h('div', { class: 'warnings' });
  private readonly spoken = h('div', { class: 'sr', role: 'status' });
  private readonly picker;
  private readonly pickerRow: HTMLElement;
  private readonly tensors: TensorSection;
  private readonly ranks: Section;
  private readonly norms: Section;
  private readonly unmoved: Section;
  private readonly curvesSection: Section;
  private readonly curves = new Curves();
  private readonly rules: Section;
  private readonly notes: Section;
  private readonly details: Section;
  private view: ReportView | null = null;

  constructor(
    private readonly host: Host,
    private readonly ui: UiStateKeeper,
  ) {
    this.header = new Header(host);
    this.picker = dropdown('Model', (index) => {
      this.choose(index);
    });
    this.pickerRow = h(
      'div',
      { class: 'picker' },
      h('span', { 'aria-hidden': 'true' }, 'Model'),
      this.picker.element,
    );
    this.tensors = new TensorSection(host, ui);
    this.ranks = new Section('ranks', 'Ranks', ui);
    this.norms = new Section('norms', 'Batch normalization', ui);
    this.unmoved = new Section('unmoved', 'Trainable, but never moved', ui);
    this.curvesSection = new Section('curves', 'Curves', ui, this.curves.element);
    this.rules = new Section('rules', 'Rules', ui);
    this.notes = new Section('notes', 'Messages', ui);
    this.details = new Section('details', 'Details', ui);
    this.element = h(
      'main',
      { 'aria-label': 'Permafrost report' },
      this.header.element,
      this.facts,
      this.warnings,
      this.pickerRow,
      h(
        'div',
        { class: 'columns' },
        h(
          'div',
          { class: 'wide' },
          this.tensors.section.element,
          this.ranks.element,
          this.norms.element,
          this.unmoved.element,
        ),
        h(
          'div',
          { class: 'side' },
          this.curvesSection.element,
          this.rules.element,
          this.notes.element,
          this.details.element,
        ),
      ),
      this.spoken,
    );
  }

  update(view: ReportView): void {
    const before = this.view;
    this.view = view;
    this.header.update(view);
    if (before?.head !== view.head) this.updateFacts(view);
    if (before?.rules !== view.rules) this.updateRules(view);
    if (before?.notes !== view.notes) this.updateNotes(view);
    this.updateModel(view, before);
  }

  /** Draws the curves in the colours of a new theme. */
  themeChanged(): void {
    this.curves.redraw();
  }

  private choose(index: number): void {
    if (index < 0 || index === this.ui.current.model) return;
    this.ui.set({ model: index });
    this.curves.reset();
    this.tensors.reset();
    if (this.view !== null) this.updateModel(this.view, null);
  }

  private updateFacts({ head }: ReportView): void {
    // The status stands beside the verdict.
    const facts = head.facts.filter(({ label }) => label !== 'Status');
    this.facts.replaceChildren(factList(facts.slice(0, FIRST_FACTS)));
    this.details.body.replaceChildren(factList(facts.slice(FIRST_FACTS)));
    this.details.show(facts.length > FIRST_FACTS);
  }

  private updateRules({ kind, rules }: ReportView): void {
    // Checkpoints can be looked at without a config.
    this.rules.show(kind === 'run' || rules.length > 0);
    this.rules.note(String(rules.length));
    this.rules.body.replaceChildren(
      rules.length === 0
        ? h('p', { class: 'muted' }, 'The config has no rules: everything trains.')
        : ruleTable(rules, this.host),
    );
  }

  private updateNotes({ notes }: ReportView): void {
    const isUrgent = ({ level, offer }: NoteView): boolean => level !== 'info' || offer !== null;
    const urgent = notes.filter(isUrgent);
    const others = notes.filter((note) => !isUrgent(note));
    this.warnings.replaceChildren(...(urgent.length === 0 ? [] : [noteList(urgent, this.host)]));
    this.notes.show(others.length > 0);
    this.notes.note(String(others.length));
    this.notes.body.replaceChildren(noteList(others, this.host));
  }

  private updateModel(view: ReportView, before: ReportView | null): void {
    const index = Math.min(this.ui.current.model, Math.max(0, view.models.length - 1));
    if (index !== this.ui.current.model && view.models.length > 0) this.ui.set({ model: index });
    this.pickerRow.hidden = view.models.length < 2;
    this.picker.set(
      view.models.map(({ name, standing }) => `${name}: ${standing}`),
      index,
    );
    const model = view.models[index];
    const known = before?.models[index];
    if (model === undefined) {
      for (const each of [
        this.tensors.section,
        this.ranks,
        this.norms,
        this.unmoved,
        this.curvesSection,
      ]) {
        each.show(false);
      }
      return;
    }
    this.curvesSection.show(this.curves.update(model));
    if (onlyProgress(known, model)) return;
    this.tensors.update(view);
    this.updateRanks(model);
    this.updateNorms(model);
    this.updateUnmoved(model, index);
    const latest = model.columns.findLast(({ cells }) => !cells.includes('w'));
    if (known !== undefined && latest !== undefined) this.spoken.textContent = latest.text;
  }

  private updateRanks(model: ReportView['models'][number]): void {
    this.ranks.show(model.ranks.length > 0);
    this.ranks.note(String(model.ranks.length));
    this.ranks.body.replaceChildren(...rankTable(model, this.host));
  }

  private updateNorms(model: ReportView['models'][number]): void {
    this.norms.show(model.layers.length > 0);
    this.norms.note(String(model.layers.length));
    this.norms.body.replaceChildren(
      ...(model.normWarning === null
        ? []
        : [noteList([{ level: 'warning', text: model.normWarning, advice: '' }], this.host)]),
      normTable(model),
    );
  }

  private updateUnmoved(model: ReportView['models'][number], index: number): void {
    this.unmoved.show(model.unmoved.length > 0);
    this.unmoved.note(model.unmoved.length.toLocaleString('en'));
    this.unmoved.body.replaceChildren(
      h(
        'p',
        { class: 'summary' },
        'No rule freezes these, yet not a byte of them has changed: they may lie outside the optimizer or get no gradient.',
      ),
      unmovedList(model, index, this.host),
    );
  }
}

type Model = ReportView['models'][number];

/** Whether nothing but the batch under way differs, so that the table can stay as it is. */
function onlyProgress(before: Model | undefined, after: Model): boolean {
  return (
    before?.columns === after.columns &&
    before.tensors === after.tensors &&
    before.problems === after.problems &&
    before.unmoved === after.unmoved &&
    before.layers === after.layers &&
    before.ranks === after.ranks &&
    before.rankNote === after.rankNote
  );
}
