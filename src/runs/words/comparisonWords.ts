/** The sentences on compared checkpoints that CLI, report, Markdown and HTML share. */
import type { Comparison, ComparisonVerdict, PairVerdict } from '../../model/compare/comparison';
import { shapeText } from '../../model/shape';
import { counted, formatDelta } from './numberWords';
import { sentence } from './sentence';
import { formatBytes, formatDuration } from './units';

/**
 * The verdict over a comparison as one sentence, with what it rests on:
 * `12 frozen tensors are intact, every byte compared.`
 */
export function comparisonSentence(verdict: ComparisonVerdict): string {
  switch (verdict.kind) {
    case 'moved':
      return `${counted(verdict.tensors, 'frozen tensor')} moved.`;
    case 'not verified':
      return sentence(
        `${counted(verdict.tensors, 'tensor')} cannot be verified: ${verdict.reason}`,
      );
    case 'intact':
      return `${counted(verdict.tensors, 'frozen tensor')} ${are(verdict.tensors)} intact, ${basis(verdict.by)}.`;
    case 'nothing frozen':
      return 'Nothing is frozen: no rule freezes a tensor between these files.';
    case 'different':
      return `${counted(verdict.tensors, 'tensor')} ${verdict.tensors === 1 ? 'differs' : 'differ'}.`;
    case 'equal':
      return `All ${counted(verdict.tensors, 'tensor')} ${are(verdict.tensors)} equal, ${basis(verdict.by)}.`;
  }
}

/** What a comparison took: `98 MB read in 45 ms`. */
export function comparisonCost({ bytesRead, milliseconds }: Comparison): string {
  return `${formatBytes(bytesRead)} read in ${formatDuration(milliseconds)}`;
}

/** What was found between two files, without the verdict's own word; empty when that says it all. */
export function pairDetails(verdict: PairVerdict): string {
  switch (verdict.kind) {
    case 'different': {
      const { elements, maxDelta, relativeL2 } = verdict;
      return [
        counted(elements, 'element'),
        ...(maxDelta === null ? [] : [`max |Δ| ${formatDelta(maxDelta)}`]),
        ...(relativeL2 === null ? [] : [`relative L2 ${formatDelta(relativeL2)}`]),
      ].join(', ');
    }
    case 'reshaped':
      return `${shapeText({ shape: verdict.before })} → ${shapeText({ shape: verdict.after })}`;
    case 'recast':
      return `${verdict.before} → ${verdict.after}`;
    case 'unreadable':
      return verdict.reason;
    case 'equal':
    case 'gone':
    case 'new':
    case 'absent':
      return '';
  }
}

function basis(by: 'bytes' | 'crc32'): string {
  return by === 'bytes' ? 'every byte compared' : 'by the CRC-32 checksums that both files hold';
}

function are(count: number): string {
  return count === 1 ? 'is' : 'are';
}
