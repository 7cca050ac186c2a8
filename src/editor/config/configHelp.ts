import type { Project } from '../project';
import { ConfigCodeActions } from './configCodeActions';
import { ConfigCompletion } from './configCompletion';
import { ConfigHover } from './configHover';
import type { ModelPathCheck } from './modelPathCheck';

/** What answers when somebody points, types or asks for a fix in permafrost.json. */
export interface ConfigHelp {
  readonly actions: ConfigCodeActions;
  readonly completion: ConfigCompletion;
  readonly hover: ConfigHover;
}

/** The entry of a bundle of its own: most sessions never open permafrost.json as text. */
export function configHelp(project: Project, paths: ModelPathCheck): ConfigHelp {
  return {
    actions: new ConfigCodeActions(project, paths),
    completion: new ConfigCompletion(project),
    hover: new ConfigHover(project),
  };
}
