import type { ModelState, RunState } from '../runs/state';
import { statusWords } from '../runs/report/reportStatus';
import {
  CACHE_SETTING,
  cacheWords,
  deviceWords,
  engineWords,
  offeredCache,
  offerWords,
  untoldFallback,
  type Engine,
} from '../runs/words/engineWords';
import { sentence } from '../runs/words/sentence';
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
    ...cacheLines(state),
    `${statusWords(state)}.`,
    verdictSentence(state),
    ...state.models.flatMap((model) => ['', ...modelLines(model)]),
    ...messageLines(state),
    '',
    directory,
  ];
  return lines.map(visibleText).join('\n');
}

function engineText(engine: Engine): string {
  return `${engineWords(engine)} (${engine.package}) on ${deviceWords(engine)}`;
}

function cacheLines({ caches }: RunState): readonly string[] {
  return caches.map((cache) => {
    const of = caches.length > 1 ? ` of ${cache.model}` : '';
    return `cache${of}: ${cacheWords(cache)}`;
  });
}

/** What the messages do not tell. */
function adviceLines(state: RunState): readonly string[] {
  const fallback = untoldFallback(state);
  const cache = offeredCache(state);
  return [
    ...(fallback === null ? [] : [`warning: ${fallback}`]),
    ...(cache === undefined ? [] : [`${offerWords(cache)} Set ${CACHE_SETTING} for the next run.`]),
  ];
}

function modelLines(model: ModelState): readonly string[] {
  const className = model.className === '' ? '' : ` (${model.className})`;
  return [
    `${model.name}${className}`,
    ...model.epochs.map((epoch) => `  ${epochLine(model, epoch)}`),
  ];
}

function messageLines(state: RunState): readonly string[] {
  const lines = [
    ...state.messages.map(({ level, text, advice }) => {
      return advice === undefined ? `${level}: ${text}` : `${level}: ${sentence(text)} ${advice}`;
    }),
    ...adviceLines(state),
  ];
  return lines.length === 0 ? [] : ['', ...lines];
}
