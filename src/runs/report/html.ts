import { createHash } from 'node:crypto';
import type { Comparison } from '../../model/compare/comparison';
import { comparisonView } from './comparisonView';
import { chartHtml } from './htmlChart';
import { HTML_STYLE } from './htmlStyle';
import { cellHtml, tensorTableHtml } from './htmlTable';
import { escapeHtml } from './htmlText';
import { buildReport } from './reportModel';
import type { HeadView, ModelView, ReportView, Tone } from './reportView';
import type { RunState } from '../state';
import { formatCount } from '../words/words';

const STYLE_HASH = createHash('sha256').update(HTML_STYLE).digest('base64');

/** Nothing is loaded and nothing runs, whatever a run's names hold. */
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'`;

const MOST_UNMOVED = 200;

/**
 * The report of a run as one HTML file without scripts and without anything from elsewhere, to be
 * mailed, archived or printed.
 */
export function renderHtml(state: RunState): string {
  const view = buildReport(state);
  return documentOf(view, view.runId, `Run ${view.runId}, verified by Permafrost.`);
}

/** The report on compared checkpoints as such a file. */
export function renderComparisonHtml(comparison: Comparison): string {
  const view = comparisonView(comparison);
  return documentOf(view, view.head.status, 'Compared by Permafrost.');
}

function documentOf(view: ReportView, title: string, footer: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Permafrost: ${escapeHtml(title)}</title>
<style>${HTML_STYLE}</style>
</head>
<body>
<main>
${headHtml(view.head)}
${factsHtml(view.head)}
${notesHtml(view)}
${view.models.map((model) => modelHtml(model, view.models.length > 1)).join('\n')}
${rulesHtml(view)}
</main>
<footer class="muted"><p>${escapeHtml(footer)}</p></footer>
</body>
</html>
`;
}

const TONES: Readonly<Record<Tone, string>> = {
  intact: 'intact',
  moved: 'moved',
  'not verified': 'doubt',
  'no model': 'doubt',
  running: 'running',
  'nothing frozen': '',
  equal: '',
  different: '',
  listed: '',
};

function headHtml(head: HeadView): string {
  const movements = head.movements.map(({ name, modelName, when, ranks, size, cause, source }) => {
    const what = [when, ranks, size, cause].filter((part) => part !== '').join(' · ');
    const at = source === '' ? '' : ` at <code>${escapeHtml(source)}</code>`;
    return `<li><code>${escapeHtml(name)}</code> of ${escapeHtml(modelName)}: ${escapeHtml(what)}${at}</li>`;
  });
  if (head.furtherMovements > 0) {
    movements.push(`<li>and ${formatCount(head.furtherMovements)} more</li>`);
  }
  const error = head.configError;
  if (error !== null) {
    movements.push(`<li><code>${escapeHtml(error.place)}</code> ${escapeHtml(error.text)}</li>`);
  }
  return `<header class="${TONES[head.tone]}">
<h1>${escapeHtml(head.headline)}</h1>
<p${head.endedBadly ? ' class="bad"' : ''}>${escapeHtml(head.status)}</p>
<p class="muted">${escapeHtml(head.detail)}</p>
<ul>${movements.join('')}</ul>
</header>`;
}

function factsHtml({ facts }: HeadView): string {
  // The status stands under the verdict.
  const items = facts
    .filter(({ local, label }) => !local && label !== 'Status')
    .map(({ label, text, code }) => {
      const value = escapeHtml(text);
      return `<div><dt>${escapeHtml(label)}</dt><dd>${code ? `<code>${value}</code>` : value}</dd></div>`;
    });
  return `<dl>${items.join('')}</dl>`;
}

function notesHtml({ notes }: ReportView): string {
  if (notes.length === 0) return '';
  const items = notes.map(
    ({ level, text, advice, offer }) =>
      `<li>${level}: ${escapeHtml(text)} <span class="muted">${escapeHtml(advice)}</span>${(offer?.kind === 'rules' ? offer.rules : []).map((rule) => ` <code>${escapeHtml(rule)}</code>`).join('')}</li>`,
  );
  return `<h2>Messages</h2>\n<ul>${items.join('\n')}</ul>`;
}

function modelHtml(model: ModelView, several: boolean): string {
  const name = several ? `${escapeHtml(model.name)}: ${escapeHtml(model.standing)}` : 'Tensors';
  const charts = model.charts.map(chartHtml).join('\n');
  return `<h2>${name}</h2>
<p>${escapeHtml(model.summary)}</p>
${ranksHtml(model)}
${tensorTableHtml(model)}
${normsHtml(model)}
${unmovedHtml(model)}
${charts === '' ? '' : `<h3>Curves</h3>\n<div class="charts">${charts}</div>`}`;
}

function ranksHtml({ ranks, rankNote }: ModelView): string {
  if (ranks.length === 0) return '';
  const rows = ranks.map(
    ({ rank, letter, text }) =>
      `<tr><th scope="row">rank ${String(rank)}</th>${cellHtml(letter)}<td>${escapeHtml(text)}</td></tr>`,
  );
  const note = rankNote === null ? '' : `<p class="bad">${escapeHtml(rankNote)}</p>`;
  return `<h3>Ranks</h3>\n${note}<table><tbody>${rows.join('')}</tbody></table>`;
}

function normsHtml({ layers, columns, normWarning }: ModelView): string {
  if (layers.length === 0) return '';
  const batch = layers.filter((_, layer) =>
    columns.some(({ norms }) => 'bBmM'.includes(norms.charAt(layer) || ' ')),
  );
  const said =
    batch.length === 0
      ? `All ${formatCount(layers.length)} layers normalised with running statistics.`
      : `With batch statistics in some epoch: ${batch.join(', ')}.`;
  const warning = normWarning === null ? '' : `<p class="bad">${escapeHtml(normWarning)}</p>`;
  return `<h3>Batch normalization</h3>\n${warning}<p>${escapeHtml(said)}</p>`;
}

function unmovedHtml({ unmoved, tensors }: ModelView): string {
  if (unmoved.length === 0) return '';
  const names = unmoved
    .slice(0, MOST_UNMOVED)
    .map((row) => `<code>${escapeHtml(tensors[row]?.name ?? '')}</code>`);
  const rest = unmoved.length - names.length;
  const more = rest > 0 ? ` and ${formatCount(rest)} more` : '';
  return `<h3>Trainable, but never moved</h3>\n<p>${names.join(', ')}${more}</p>`;
}

function rulesHtml({ kind, rules }: ReportView): string {
  // Checkpoints can be compared without a config.
  if (kind !== 'run' && rules.length === 0) return '';
  const known = (count: number | null): string =>
    count === null ? 'not known' : formatCount(count);
  const rows = rules.map(
    ({ text, matched, frozen }) =>
      `<tr><td><code>${escapeHtml(text)}</code></td><td class="number">${known(matched)}</td><td class="number">${known(frozen)}</td></tr>`,
  );
  const table = `<table><thead><tr><th scope="col">Rule</th><th scope="col" class="number">Matches</th><th scope="col" class="number">Freezes</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
  return `<h2>Rules</h2>\n${rules.length === 0 ? '<p>The config has no rules: everything trains.</p>' : table}`;
}
