import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { engineHomes, installHome, userHome } from '../../../src/engines/homes';

const project = join('/work', 'project');
const inProject = join(project, '.permafrost', 'engine');

describe('the homes of engines', () => {
  it.runIf(process.platform === 'linux')('are the project and the cache of the user', () => {
    const cache = { XDG_CACHE_HOME: '/cache' };
    expect(engineHomes(project, cache)).toEqual([inProject, '/cache/permafrost/engines']);
    expect(userHome({ XDG_CACHE_HOME: '' })).toBe(join(homedir(), '.cache/permafrost/engines'));
    expect(installHome(project, false, cache)).toBe('/cache/permafrost/engines');
    expect(installHome(project, true, cache)).toBe(inProject);
  });

  it('are those that the variable names', () => {
    const env = { PERMAFROST_ENGINE_HOMES: ['/a', '/b'].join(delimiter) };
    expect(engineHomes(project, env)).toEqual(['/a', '/b']);
    expect(installHome(project, true, env)).toBe('/a');
    expect(installHome(project, false, env)).toBe('/b');
  });
});
