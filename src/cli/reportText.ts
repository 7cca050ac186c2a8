import type { ModelState, RunState } from '../runs/state';
import { statusWords } from '../runs/report/reportStatus';
import { localTime } from '../runs/words/units';
import { visibleText } from '../runs/words/visibleText';
import { epochLine, verdictSentence } from '../runs/words/words';

/**
 * A run as text for a terminal: what ran and how it ended, the verdict, then a line an epoch.
 * @param directory path of the run as the user would write it
 */
export function reportText(state: RunState, directory: string): string {
  const started = state.startedAt === 0 ? '' : `, ${localTime(state.startedAt)}`;
  const lines = [
    `run ${state.id}${started}`,
    ...(state.command === '' ? [] : [state.command]),
    ...(state.engine === null ? [] : [engineText(state.engine)]),
    `${statusWords(state)}.`,
    verdictSentence(state),
    ...state.models.flatMap((model) => ['', ...modelLines(model)]),
    ...messageLines(state),
    '',
    directory,
  ];
  return lines.map(visibleText).join('\n');
}

function engineText(engine: NonNullable<RunState['engine']>): string {
  return `${engine.package} ${engine.version}, ${engine.backend} backend on ${engine.device}`;
}

function modelLines(model: ModelState): readonly string[] {
  const className = model.className === '' ? '' : ` (${model.className})`;
  return [
    `${model.name}${className}`,
    ...model.epochs.map((epoch) => `  ${epochLine(model, epoch)}`),
  ];
}

function messageLines({ messages }: RunState): readonly string[] {
  if (messages.length === 0) return [];
  return [
    '',
    ...messages.map(({ level, text, advice }) => `${level}: ${text} ${advice ?? ''}`.trim()),
  ];
}
