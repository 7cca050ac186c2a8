import type { FromReport } from '../runs/report/reportProtocol';
import type { ReportView } from '../runs/report/reportView';
import { button } from './controls';
import type { Host } from './host';

type Action = readonly [label: string, title: string, message: FromReport];

const CONFIG: Action = ['Open Config', 'Open permafrost.json', { type: 'openConfig', rule: null }];

const EXPORTS: readonly Action[] = [
  ['Copy as Markdown', 'Copy a summary for a pull request', { type: 'copyMarkdown' }],
  ['Export HTML', 'Save the report as one HTML file', { type: 'exportHtml' }],
];

const ACTIONS: Readonly<Record<ReportView['kind'], readonly Action[]>> = {
  run: [
    ...EXPORTS,
    CONFIG,
    ['Run Folder', 'Show the folder of this run', { type: 'openRunFolder' }],
  ],
  comparison: [...EXPORTS, CONFIG],
  checkpoint: [
    [
      'Open in Parameter Tree',
      'Show these tensors in the tree, to tick what is to be frozen',
      { type: 'openInTree' },
    ],
    ['Compare With…', 'Compare with another checkpoint', { type: 'compareWith' }],
    CONFIG,
  ],
};

/** The buttons beside the verdict: what can be done with what is shown. */
export function actionsOf(kind: ReportView['kind'], host: Host): readonly HTMLElement[] {
  return ACTIONS[kind].map(([label, title, message]) =>
    button(label, title, () => {
      host.send(message);
    }),
  );
}
