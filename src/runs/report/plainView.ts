import { visibleText } from '../words/visibleText';
import type { NoteView, ReportView, Tone } from './reportView';

interface Plain {
  readonly kind: ReportView['kind'];
  /** What it is about: a file's name. */
  readonly subject: string;
  readonly tone: Tone;
  readonly headline: string;
  readonly detail: string;
  readonly notes?: readonly NoteView[];
}

/** A report that has nothing to show yet, or never will: it says why. */
export function plainView({
  kind,
  subject,
  tone,
  headline,
  detail,
  notes = [],
}: Plain): ReportView {
  return {
    kind,
    runId: visibleText(subject),
    head: {
      tone,
      headline: visibleText(headline),
      detail: visibleText(detail),
      status: visibleText(subject),
      running: false,
      endedBadly: tone === 'moved',
      movements: [],
      furtherMovements: 0,
      configError: null,
      facts: [],
    },
    rules: [],
    models: [],
    notes,
  };
}
