/** The documents that a report can become: a bundle of its own, loaded when somebody exports. */
export { renderComparisonMarkdown } from './comparisonMarkdown';
export { renderComparisonHtml, renderHtml } from './html';
export { renderMarkdown } from './markdown';
