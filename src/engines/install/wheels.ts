import { runPython, type Python } from './python';
import type { InstallRequest } from './report';

/** The newest TensorFlow that the addon was compiled against and tried with. */
const TENSORFLOW = '2.21.0';

/** TensorFlow's wheels differ in their Python modules only: any of them has the library. */
const PYTHON_TAG = ['--python-version=3.11', '--implementation=cp', '--abi=cp311', '--abi=none'];
/** N of the tags `manylinux_2_N`, which pip takes each by its exact name; newest first. */
const GLIBC_MINORS = Array.from({ length: 24 }, (_, index) => 28 - index);
const OLD_TAGS = ['manylinux2014', 'manylinux2010', 'manylinux1'];

/** The CUDA libraries of `tensorflow[and-cuda]` 2.21.0, where the index does not serve them apart. */
const CUDA_REQUIREMENTS = [
  'nvidia-cublas-cu12<13.0,>=12.5.3.2',
  'nvidia-cuda-cupti-cu12<13.0,>=12.5.82',
  'nvidia-cuda-nvcc-cu12<13.0,>=12.5.82',
  'nvidia-cuda-nvrtc-cu12<13.0,>=12.5.82',
  'nvidia-cuda-runtime-cu12<13.0,>=12.5.82',
  'nvidia-cudnn-cu12<10.0,>=9.3.0.75',
  'nvidia-cufft-cu12<12.0,>=11.2.3.61',
  'nvidia-curand-cu12<11.0,>=10.3.6.82',
  'nvidia-cusolver-cu12<12.0,>=11.6.3.83',
  'nvidia-cusparse-cu12<13.0,>=12.5.1.3',
  'nvidia-nccl-cu12<3.0,>=2.27.7',
  'nvidia-nvjitlink-cu12<13.0,>=12.5.82',
];

/** What is taken out of a wheel of TensorFlow: the library, and the headers that the addon needs. */
const LIBRARY = ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2'];
const HEADERS = [
  'tensorflow/include/tensorflow/',
  'tensorflow/include/tsl/',
  'tensorflow/include/xla/tsl/c/',
];

/** A wheel as the registry describes it. */
export interface Wheel {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  readonly url: string;
  /** Of the checksum, as in `sha256`; null with `hash` where the registry gives none. */
  readonly algorithm: string | null;
  readonly hash: string | null;
  readonly bytes: number;
}

/**
 * Asks the registry of the user's pip for the wheels of an engine: TensorFlow first, for `gpu` its
 * CUDA libraries after it.
 * @throws EngineError
 */
export async function findWheels(
  kind: 'cpu' | 'gpu',
  python: Python,
  request: InstallRequest,
  cwd: string,
): Promise<readonly Wheel[]> {
  // On ARM the wheel without CUDA has the plain name.
  const name = kind === 'gpu' || process.arch === 'arm64' ? 'tensorflow' : 'tensorflow-cpu';
  const work = {
    do: 'find',
    flags: flags(),
    requirement: `${name}==${TENSORFLOW}`,
    ...(kind === 'gpu' ? { extra: 'and-cuda', otherwise: CUDA_REQUIREMENTS } : {}),
  };
  return (await runPython(python.command, work, request, cwd)) as readonly Wheel[];
}

/**
 * Downloads the wheels that are not there, goes on with half-downloaded ones, and compares each
 * with the registry's checksum.
 * @throws EngineError
 */
export async function fetchWheels(
  wheels: readonly Wheel[],
  folder: string,
  python: Python,
  request: InstallRequest,
  cwd: string,
): Promise<void> {
  const megabytes = Math.round(totalBytes(wheels) / 1e6);
  const names = wheels.length === 1 ? (wheels[0]?.file ?? '') : `${wheels.length} wheels`;
  await runPython(
    python.command,
    { do: 'fetch', flags: flags(), wheels, folder },
    request,
    cwd,
    (done, total) => {
      const text = `Downloading ${names} (${megabytes} MB)`;
      request.report({ type: 'progress', step: 'download', done, total, text });
    },
  );
}

/**
 * Unpacks what an engine needs of wheels.
 * @param files of the wheels
 * @param folder gets `tensorflow/…` and, where there is CUDA, `nvidia/…`
 * @throws EngineError
 */
export async function unpackWheels(
  files: readonly string[],
  folder: string,
  python: Python,
  request: InstallRequest,
  cwd: string,
): Promise<void> {
  const prefixes = [...LIBRARY, ...HEADERS, 'nvidia/'];
  await runPython(
    python.command,
    { do: 'unpack', files, folder, prefixes },
    request,
    cwd,
    (done, total) => {
      const text = 'Unpacking the TensorFlow library';
      request.report({ type: 'progress', step: 'unpack', done, total, text });
    },
  );
}

/** Bytes of all the wheels. */
export function totalBytes(wheels: readonly Wheel[]): number {
  return wheels.reduce((sum, { bytes }) => sum + bytes, 0);
}

function flags(): readonly string[] {
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const tags = [...GLIBC_MINORS.map((minor) => `manylinux_2_${minor}`), ...OLD_TAGS];
  return [...PYTHON_TAG, ...tags.map((tag) => `--platform=${tag}_${machine}`)];
}
