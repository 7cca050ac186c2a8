import 'uplot/dist/uPlot.min.css';
import './report.css';
import { registerControls } from './controls';
import { h } from './dom';
import { connectHost } from './host';
import { Page } from './page';
import { ReportStore } from './store';
import { onThemeChange } from './theme';
import { UiStateKeeper } from './uiState';

registerControls();
const host = connectHost();
const ui = new UiStateKeeper(host, document.body.dataset['runId'] ?? '');
const store = new ReportStore();
const page = new Page(host, ui);
const root = document.getElementById('report') ?? document.body;

host.onMessage((message) => {
  const received = store.receive(message);
  switch (received.kind) {
    case 'stale':
      host.send({ type: 'ready' });
      return;
    case 'absent':
      root.replaceChildren(
        h(
          'main',
          {},
          h('h1', {}, 'This run is not on disk any more'),
          h('p', {}, `The folder .permafrost/runs/${ui.current.runId} was deleted or moved.`),
        ),
      );
      return;
    case 'snapshot':
      if (!root.contains(page.element)) root.replaceChildren(page.element);
      page.update(received.view);
      window.scrollTo(0, ui.current.scroll);
      return;
    case 'patched':
      page.update(received.view);
      return;
  }
});
window.addEventListener('scrollend', () => {
  ui.set({ scroll: Math.round(window.scrollY) });
});
onThemeChange(() => {
  page.themeChanged();
});
host.send({ type: 'ready' });
