import type { ToReport } from '../runs/report/reportProtocol';
import type { ModelPatch, ModelView, ReportPatch, ReportView } from '../runs/report/reportView';

/**
 * What a message did to the view: `stale` when a message before it got lost, so that a snapshot
 * has to be asked for.
 */
export type Received =
  | { readonly kind: 'snapshot' | 'patched'; readonly view: ReportView }
  | { readonly kind: 'absent' | 'stale' };

/** The report as far as the extension has sent it. */
export class ReportStore {
  private view: ReportView | null = null;
  private seq = 0;

  receive(message: ToReport): Received {
    switch (message.type) {
      case 'snapshot':
        this.view = message.view;
        this.seq = message.seq;
        return { kind: 'snapshot', view: message.view };
      case 'patch':
        if (this.view === null || message.seq !== this.seq + 1) return { kind: 'stale' };
        this.seq = message.seq;
        this.view = applyPatch(this.view, message.patch);
        return { kind: 'patched', view: this.view };
      case 'absent':
        return { kind: 'absent' };
    }
  }
}

/** The view after a patch; parts that it does not touch are the same objects as before. */
export function applyPatch(view: ReportView, patch: ReportPatch): ReportView {
  const { models: changes, ...parts } = patch;
  if (changes === undefined) return { ...view, ...parts };
  const models = [...view.models];
  for (const change of changes) {
    const model = patchModel(models[change.index], change);
    if (model !== undefined) models[change.index] = model;
  }
  return { ...view, ...parts, models };
}

function patchModel(model: ModelView | undefined, patch: ModelPatch): ModelView | undefined {
  if (patch.whole !== undefined) return patch.whole;
  if (model === undefined) return undefined;
  if (patch.columns === undefined) return { ...model, ...patch.parts };
  const columns = [...model.columns];
  for (const [position, column] of patch.columns) columns[position] = column;
  return { ...model, ...patch.parts, columns };
}
