import { resolve } from 'node:path';
import { constants } from 'node:os';
import { installHome } from '../engines/homes';
import { installEngine } from '../engines/installEngine';
import { EngineError, type InstalledEngine, type InstallReport } from '../engines/install/report';
import type { EngineKind } from '../engines/manifest';
import { engineLines, planLine, progressLine } from './engineText';
import { note, print } from './output';

export interface InstallOptions {
  /** Folder of the project. */
  readonly folder: string;
  readonly here: boolean;
  readonly json: boolean;
  /** To end with the plan, before anything is done. */
  readonly plan: boolean;
  readonly python: string | undefined;
}

/** Where reports of an installation go. */
interface Teller {
  readonly report: (report: InstallReport) => void;
  readonly done: (engine: InstalledEngine) => void;
  readonly failed: (error: EngineError) => void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** `permafrost engine install`. @returns the exit code */
export async function installCommand(
  kind: EngineKind,
  { folder, here, json, plan, python }: InstallOptions,
): Promise<number> {
  const teller = json ? jsonTeller() : textTeller();
  const cancellation = new AbortController();
  const received: (typeof SIGNALS)[number][] = [];
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      received.push(signal);
      cancellation.abort();
    });
  }
  try {
    const engine = await installEngine(kind, {
      home: resolve(installHome(folder, here)),
      project: folder,
      python: python === undefined ? undefined : resolve(python),
      env: process.env,
      signal: cancellation.signal,
      report: (report) => {
        if (plan && cancellation.signal.aborted) return;
        teller.report(report);
        if (plan && report.type === 'plan') cancellation.abort();
      },
    });
    teller.done(engine);
    return 0;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const [signal] = received;
    if (plan && signal === undefined && error.code === 'cancelled') return 0;
    teller.failed(error);
    return signal === undefined ? 1 : 128 + constants.signals[signal];
  }
}

function jsonTeller(): Teller {
  const say = (object: object): void => {
    print(JSON.stringify(object));
  };
  return {
    report: say,
    done: ({ folder, device, manifest: { kind, library, source } }) => {
      say({ type: 'done', kind, folder, library, source, device });
    },
    failed: ({ code, message, advice }) => {
      say({ type: 'error', code, text: message, advice });
    },
  };
}

/** A line for each thing that is done; in a terminal the last one counts up. */
function textTeller(): Teller {
  const inTerminal = process.stderr.isTTY;
  let current = '';
  const leave = (): void => {
    if (inTerminal && current !== '') process.stderr.write('\n');
    current = '';
  };
  return {
    report: (report) => {
      if (report.type === 'progress') {
        if (inTerminal) process.stderr.write(`\r\u001b[Kpermafrost: ${progressLine(report)}`);
        else if (report.text !== current) note(report.text);
        current = report.text;
        return;
      }
      leave();
      if (report.type === 'plan') note(planLine(report));
      else note(`warning: ${report.text} ${report.advice}`);
    },
    done: (engine) => {
      leave();
      note(engineLines(engine));
    },
    failed: ({ message, advice }) => {
      leave();
      note(`error: ${message} ${advice}`);
    },
  };
}
