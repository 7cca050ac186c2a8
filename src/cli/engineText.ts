import type { InstalledEngine, InstallReport } from '../engines/install/report';
import type { EngineSource } from '../engines/manifest';
import type { EngineStatus, MachineStatus } from '../engines/status';
import { sentence } from '../runs/words/sentence';

type Of<T extends InstallReport['type']> = Extract<InstallReport, { readonly type: T }>;

const SOURCES: Readonly<Record<EngineSource, string>> = {
  python: 'linked to in your Python environment',
  pypi: 'from PyPI',
  package: 'from the download of the npm package',
  npm: 'from npm',
};

/** What an installation is going to take. */
export function planLine({ kind, folder, source, downloadBytes, diskBytes }: Of<'plan'>): string {
  return (
    `installing the engine ${kind} in ${folder}: ${SOURCES[source]}; ` +
    `up to ${megabytes(downloadBytes)} to download, up to ${megabytes(diskBytes)} of disk while it works`
  );
}

/** What is being done, and how much of it is done. */
export function progressLine({ text, done, total }: Of<'progress'>): string {
  return total === 0 ? text : `${text}: ${Math.floor((100 * done) / total)} %`;
}

/** What was installed. */
export function engineLines({ folder, device, manifest }: InstalledEngine): string {
  const { kind, library, package: name } = manifest;
  const setting = kind === 'cpu' ? 'node' : kind;
  return [
    `${library} works, on ${device}; it is in ${folder}`,
    kind === 'webgpu'
      ? `A script uses it by "engine": "webgpu" in permafrost.json.`
      : `Scripts that require ${name} use it; those that require @tensorflow/tfjs do by "engine": "${setting}" in permafrost.json.`,
  ].join('\n');
}

/** What is installed and what this machine has, as text. */
export function statusText(
  { engines, python, uv, npm, compiler, driver }: MachineStatus,
  devices: Readonly<Record<string, string>>,
): string {
  const tools = [
    ['Python', python],
    ['uv', uv],
    ['npm', npm],
    ['C++ compiler', compiler],
    ['NVIDIA driver', driver],
  ] as const;
  return [
    ...engines.map((engine) => statusLine(engine, devices[engine.kind])),
    '',
    ...tools.map(([name, file]) => `${name.padEnd(14)}${file ?? 'not found'}`),
  ].join('\n');
}

function statusLine(engine: EngineStatus, device: string | undefined): string {
  const name = engine.kind.padEnd(8);
  if (engine.state !== 'installed') return `${name}${sentence(engine.reason)} ${engine.advice}`;
  const runs = device === undefined ? '' : `; ${device}`;
  return `${name}${engine.library}, ${SOURCES[engine.source]}, in ${engine.folder}${runs}`;
}

function megabytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`;
}
