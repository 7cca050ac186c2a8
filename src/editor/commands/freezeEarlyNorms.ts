import * as vscode from 'vscode';
import { editFreeze } from '../../freeze/edit';
import { earlyTensors, normLayers, type NormLayer } from '../../freeze/normLayers';
import { COMMANDS } from '../contributions';
import type { FreezeActions } from '../freezeActions';
import type { Project } from '../project';

const TITLE = 'Freeze Early BatchNorm';

interface LayerItem extends vscode.QuickPickItem {
  readonly layer?: NormLayer;
}

interface ExtentItem extends vscode.QuickPickItem {
  readonly affine: boolean;
}

/** "Freeze Early BatchNorm…": asks for the last layer to freeze, then how much of each layer. */
export async function freezeEarlyNorms(project: Project, actions: FreezeActions): Promise<void> {
  const layers = project.trained.flatMap((model) => normLayers(model));
  if (layers.length === 0) {
    await explain(project);
    return;
  }
  const last = await pickLast(project, layers);
  if (last === undefined) return;
  const early = earlyTensors(layers, last);
  const extent = await pickExtent(last, early);
  if (extent === undefined) return;
  const names = extent.affine ? [...early.statistics, ...early.affine] : early.statistics;
  const selection = names.map((name) => ({ model: last.model, name }));
  await actions.apply((text, models) => editFreeze(text, models, selection, true));
}

async function pickLast(
  project: Project,
  layers: readonly NormLayer[],
): Promise<NormLayer | undefined> {
  const several = project.trained.length > 1;
  const items = layers.flatMap((layer, index): LayerItem[] => {
    const begins = several && layers[index - 1]?.model !== layer.model;
    const separator = { label: layer.model, kind: vscode.QuickPickItemKind.Separator };
    const frozen = project.state.plans.find(({ model }) => model === layer.model)?.spans;
    const isFrozen =
      layer.statistics.length > 0 && layer.statistics.every((name) => frozen?.has(name));
    const facts = [layer.type, ...(isFrozen ? ['statistics frozen'] : [])];
    const item = { label: layer.module, description: facts.join(' · '), layer };
    return begins ? [separator, item] : [item];
  });
  const picked = await vscode.window.showQuickPick(items, {
    title: `${TITLE} (1/2)`,
    placeHolder:
      'The last layer to freeze, in forward order: all above it are frozen too, none is thawed',
    matchOnDescription: true,
  });
  return picked?.layer;
}

async function pickExtent(
  last: NormLayer,
  { layers, statistics, affine }: ReturnType<typeof earlyTensors>,
): Promise<ExtentItem | undefined> {
  const items: ExtentItem[] = [
    {
      label: 'Running Statistics Only',
      description: `${String(statistics.length)} tensors`,
      detail: 'Normalises with what was learnt before; scale and shift go on training.',
      affine: false,
    },
    {
      label: 'Running Statistics and Affine Parameters',
      description: `${String(statistics.length + affine.length)} tensors`,
      detail: 'Scale and shift (weight and bias, gamma and beta) stay too.',
      affine: true,
    },
  ];
  const count = `${String(layers)} ${layers === 1 ? 'layer' : 'layers'}`;
  return vscode.window.showQuickPick(
    items.filter((item) => (item.affine ? affine.length > 0 : statistics.length > 0)),
    { title: `${TITLE} (2/2)`, placeHolder: `What to freeze in ${count}, up to ${last.module}` },
  );
}

/** Says why there is nothing to choose from, and the way out. */
async function explain({ state }: Project): Promise<void> {
  if (state.models.length > 0) {
    void vscode.window.showInformationMessage(
      'The inspected model has no BatchNorm layer, nor another one with running statistics.',
    );
    return;
  }
  const inspect = 'Inspect Model';
  const answer = await vscode.window.showInformationMessage(
    'No model is known yet. Inspect it to choose among its BatchNorm layers.',
    inspect,
  );
  if (answer === inspect) await vscode.commands.executeCommand(COMMANDS.inspectModel);
}
