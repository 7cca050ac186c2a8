import type { TensorInfo } from '../../model/inspection';
import { elementCount, shapeText } from '../../model/shape';
import type { Span } from '../events';
import type { TensorView } from './reportView';
import { visibleText } from '../words/visibleText';

/**
 * What is fixed of a tensor: its row without the epochs.
 * @param spans when it is frozen
 */
export function tensorView(tensor: TensorInfo, spans: readonly Span[]): TensorView {
  return {
    ...describedTensor(tensor),
    frozen: frozenWords(spans),
    rule: spans[0]?.rule ?? null,
  };
}

/** What a tensor is, whatever the rules make of it. */
export function describedTensor(tensor: TensorInfo): Omit<TensorView, 'frozen' | 'rule'> {
  return {
    name: visibleText(tensor.name),
    aliases: visibleText((tensor.aliases ?? []).join(', ')),
    kind: tensor.kind,
    module: visibleText(tensor.module),
    type: visibleText(tensor.type),
    shape: shapeText(tensor),
    dtype: visibleText(tensor.dtype),
    elements: elementCount(tensor),
  };
}

function frozenWords(spans: readonly Span[]): string {
  if (spans.length === 0) return '';
  if (spans.some(({ from, until }) => from === 1 && until === null)) return 'frozen';
  const stretches = spans.map(({ from, until }) => {
    if (until === null) return `from ${String(from)}`;
    return from === until ? String(from) : `${String(from)}–${String(until)}`;
  });
  const one = spans.length === 1 && spans[0]?.from === spans[0]?.until;
  return `frozen in ${one ? 'epoch' : 'epochs'} ${stretches.join(', ')}`;
}
