import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ReportFeed } from '../../../src/editor/report/reportFeed';
import { reportPage, reportPolicy } from '../../../src/editor/report/reportPage';
import { parseFromReport, type ToReport } from '../../../src/runs/report/reportProtocol';
import type { RunState } from '../../../src/runs/state';
import { ReportStore } from '../../../src/report/store';
import { intactRun } from './runFixture';

describe('the feed of a report', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function feedOf(first: RunState | undefined): {
    feed: ReportFeed;
    sent: ToReport[];
    set: (state: RunState | undefined) => void;
  } {
    let state = first;
    const sent: ToReport[] = [];
    const feed = new ReportFeed(
      'run',
      () => state,
      (message) => sent.push(message),
    );
    return { feed, sent, set: (next) => (state = next) };
  }

  it('sends a snapshot when the view asks and one patch for many changes', () => {
    const states = intactRun(3).states();
    const { feed, sent, set } = feedOf(states[4]);
    feed.connect();
    for (const state of states.slice(5)) {
      set(state);
      feed.changed();
    }
    vi.advanceTimersByTime(150);
    expect(sent.map(({ type }) => type)).toEqual(['snapshot', 'patch']);
    const store = new ReportStore();
    const results = sent.map((message) => store.receive(message));
    expect(results.at(-1)).toMatchObject({
      kind: 'patched',
      view: { head: { headline: '12 frozen tensors intact over 3 epochs' } },
    });
  });

  it('sends nothing before the view asks, while it is hidden, and when nothing changed', () => {
    const { feed, sent } = feedOf(intactRun(1).state());
    feed.changed();
    vi.advanceTimersByTime(150);
    feed.connect();
    feed.changed();
    vi.advanceTimersByTime(150);
    feed.pause();
    feed.changed();
    vi.advanceTimersByTime(150);
    expect(sent.map(({ type }) => type)).toEqual(['snapshot']);
  });

  it('says so when the run is gone', () => {
    const { feed, sent, set } = feedOf(intactRun(1).state());
    feed.connect();
    set(undefined);
    feed.changed();
    vi.advanceTimersByTime(150);
    expect(sent.at(-1)).toEqual({ type: 'absent', runId: 'run' });
  });

  it('lets the view notice a lost patch', () => {
    const states = intactRun(3).states();
    const { feed, sent, set } = feedOf(states[4]);
    feed.connect();
    for (const state of [states[6], states[8]]) {
      set(state);
      feed.changed();
      vi.advanceTimersByTime(150);
    }
    const store = new ReportStore();
    const [snapshot, , second] = sent;
    if (snapshot === undefined || second === undefined) throw new Error('too few messages');
    store.receive(snapshot);
    expect(store.receive(second)).toEqual({ kind: 'stale' });
  });
});

describe('messages from the webview', () => {
  it('are taken only in the shape that the report sends', () => {
    expect(parseFromReport({ type: 'revealTensor', model: 0, row: 3 })).toEqual({
      ...{ type: 'revealTensor', model: 0, row: 3 },
    });
    const wrong = [
      null,
      'ready',
      { type: 'delete' },
      { type: 'revealTensor', model: -1, row: 0 },
      { type: 'revealTensor', model: 0, row: '3' },
      { type: 'openConfig', rule: 1.5 },
      { type: 'applyRules' },
      { type: 'applyRules', message: null },
    ];
    expect(wrong.map(parseFromReport)).toEqual(wrong.map(() => undefined));
  });
});

describe('the page of the report', () => {
  it('allows no inline code and nothing from elsewhere', () => {
    const policy = reportPolicy('https://own', 'n');
    expect(policy).toMatch(/^default-src 'none'; script-src 'nonce-n'; style-src https:\/\/own /);
    expect(policy).not.toContain('unsafe');
  });

  it('has a new nonce each time and escapes the run id', () => {
    const page = { cspSource: 'x', script: 's', style: 't', runId: '"><script>' };
    const [one, two] = [reportPage(page), reportPage(page)];
    expect(one).not.toBe(two);
    expect(one).not.toContain('"><script>');
  });
});
