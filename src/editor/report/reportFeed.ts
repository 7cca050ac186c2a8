import { nextReport, type BuiltReport } from '../../runs/report/reportModel';
import { diffReports } from '../../runs/report/reportPatch';
import type { ToReport } from '../../runs/report/reportProtocol';
import type { RunState } from '../../runs/state';

/** Milliseconds between two updates: what changes faster is not read anyway. */
const INTERVAL = 100;

/**
 * Keeps one webview up to date with one run: a snapshot when it asks, then patches. While the view
 * is hidden nothing is sent, because messages to a hidden webview are lost; it asks again when it
 * is shown.
 */
export class ReportFeed {
  private built: BuiltReport | null = null;
  private seq = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly runId: string,
    private readonly state: () => RunState | undefined,
    private readonly post: (message: ToReport) => void,
  ) {}

  /** Answers the view's `ready` with everything. */
  connect(): void {
    this.pause();
    const state = this.state();
    if (state === undefined) {
      this.post({ type: 'absent', runId: this.runId });
      return;
    }
    this.built = nextReport(null, state);
    this.seq = 1;
    this.post({ type: 'snapshot', seq: 1, view: this.built.view });
  }

  /** Takes note that the state changed; what changed is sent soon. */
  changed(): void {
    if (this.built === null || this.timer !== null) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.flush();
    }, INTERVAL);
  }

  /** Forgets the view until it asks again. */
  pause(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.built = null;
  }

  private flush(): void {
    const state = this.state();
    const before = this.built;
    if (before === null) return;
    if (state === undefined) {
      this.pause();
      this.post({ type: 'absent', runId: this.runId });
      return;
    }
    const next = nextReport(before, state);
    if (next.view.models.length < before.view.models.length) {
      // The events file was cut: a patch can only add models.
      this.connect();
      return;
    }
    this.built = next;
    const patch = diffReports(before.view, next.view);
    if (patch !== null) this.post({ type: 'patch', seq: ++this.seq, patch });
  }
}
