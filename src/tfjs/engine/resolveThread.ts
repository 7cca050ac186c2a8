/**
 * Runs in the thread that Node before 22.15 starts for hooks of `import`: finds packages of
 * TensorFlow.js in the installed engines where the script has none.
 */
import { engineHomes } from '../../engines/homes';
import { AddonChooser } from './addonChooser';
import { substituteFor, type Resolved, type ResolveContext } from './esmResolution';
import { InstalledEngines } from './installedEngines';
import { NodePackages } from './nodePackages';
import { projectOf } from './projectOf';

const packages = new NodePackages(
  new AddonChooser(
    new InstalledEngines(engineHomes(projectOf(process.env['PERMAFROST_RUN_DIR'] ?? ''))),
  ),
);

/** Node calls it for every import. */
export async function resolve(
  request: string,
  context: ResolveContext,
  next: (request: string, context: ResolveContext) => Promise<Resolved>,
): Promise<Resolved> {
  try {
    return await next(request, context);
  } catch (error) {
    const found = substituteFor(packages, request, context, error);
    if (found === null) throw error;
    return found;
  }
}
