import type { FreezeConfig } from '../freeze/config';
import { planModel, type FrozenSpan } from '../freeze/plan';
import type { Inspection, ModelInfo, TensorInfo } from '../model/inspection';
import { elementCount, shapeText } from '../model/shape';
import { visibleText } from '../runs/words/visibleText';
import { counted, formatCount } from '../runs/words/words';

/**
 * The models as text: each module with its class, below it its tensors with element type, shape
 * (`3x3x1x8`), count of elements and, where a rule freezes them, in which epochs.
 * @param config null when there is none
 */
export function inspectionText(inspection: Inspection, config: FreezeConfig | null): string {
  return inspection.models.map((model) => modelText(model, config)).join('\n');
}

function modelText(model: ModelInfo, config: FreezeConfig | null): string {
  const spans = planModel(config?.rules ?? [], model).spans;
  const elements = model.tensors.reduce((sum, tensor) => sum + elementCount(tensor), 0);
  const frozen = model.tensors.filter(({ name }) => spans.has(name)).length;
  const copy = model.copyOf === undefined ? '' : `, copy of ${model.copyOf}`;
  const lines = [
    `${model.name} (${model.className}${copy}): ${counted(model.tensors.length, 'tensor')}, ` +
      `${counted(elements, 'element')}, ${formatCount(frozen)} frozen`,
  ];
  const rows = model.tensors.map((tensor) => row(tensor, spans.get(tensor.name)));
  const widths = [0, 1, 2].map((column) =>
    Math.max(0, ...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  let module: string | null = null;
  model.tensors.forEach((tensor, index) => {
    if (tensor.module !== module) {
      module = tensor.module;
      lines.push(
        `  ${module === '' ? '(no module)' : module}${tensor.type && ` (${tensor.type})`}`,
      );
    }
    const cells = rows[index]?.map((cell, column) => cell.padEnd(widths[column] ?? 0)) ?? [];
    lines.push(`    ${cells.join('  ')}`.trimEnd());
  });
  return `${lines.map(visibleText).join('\n')}\n`;
}

function row(tensor: TensorInfo, spans: readonly FrozenSpan[] | undefined): readonly string[] {
  const { name, module, kind, dtype, aliases = [] } = tensor;
  const within = module !== '' && name.startsWith(module) ? name.slice(module.length + 1) : name;
  const marks = [
    ...(kind === 'statistic' ? ['statistic'] : []),
    ...(spans === undefined ? [] : [`frozen${spans.map(spanText).join(' and')}`]),
    ...(aliases.length === 0 ? [] : [`also ${aliases.join(', ')}`]),
  ];
  const size = shapeText(tensor, 'x');
  return [within, `${dtype} ${size}`, counted(elementCount(tensor), 'element'), marks.join(', ')];
}

function spanText({ from, until }: FrozenSpan): string {
  if (until !== null) return ` in epochs ${String(from)} to ${String(until)}`;
  return from === 1 ? '' : ` from epoch ${String(from)}`;
}
