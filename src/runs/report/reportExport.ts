/** The documents that a report can become: a bundle of its own, loaded when somebody exports. */
export { renderHtml } from './html';
export { renderMarkdown } from './markdown';
