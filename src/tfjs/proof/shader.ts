import { LANES, ROW_HALVES, ROW_WORDS } from './rowHash';

/** Sums that the shader writes for each row: three for each lane. */
const SUMS = 3 * LANES;
/** 32-bit numbers that it writes for each row: the sums and a mark that it was there. */
export const STRIDE = SUMS + 1;
/** Rows in one dispatch; their results fill a multiple of the 256 bytes that offsets need. */
export const ROWS_AT_ONCE = 1024;

/**
 * The sums of `hashRows`: one workgroup to a row. A hash is kept in three parts, worth 1, 2^16 and
 * 2^32, each a sum of at most 2^15 times two numbers of 16 bits, none of which can overflow 32 bits
 * (65535 * 65535 >> 16 is 65534: 2^15 * (65534 + 65535) < 2^32). u32 wraps in WGSL, but need not.
 */
export const SHADER = `
@group(0) @binding(0) var<storage, read> words: array<u32>;
@group(0) @binding(1) var<storage, read> weights: array<vec4<u32>, ${ROW_HALVES}>;
@group(0) @binding(2) var<storage, read_write> sums: array<u32>;

const THREADS = 256u;
var<workgroup> totals: array<atomic<u32>, ${SUMS}>;

@compute @workgroup_size(THREADS)
fn hash_rows(@builtin(workgroup_id) row: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let first = row.x * ${ROW_WORDS}u;
  let end = min(first + ${ROW_WORDS}u, arrayLength(&words));
  var low = vec4<u32>();
  var middle = vec4<u32>();
  var high = vec4<u32>();
  let mask = vec4<u32>(0xffffu);
  let shift = vec4<u32>(16u);
  for (var at = first + thread; at < end; at += THREADS) {
    let half = vec2<u32>(words[at] & 0xffffu, words[at] >> 16u);
    let weight = array<vec4<u32>, 2>(weights[2u * (at - first)], weights[2u * (at - first) + 1u]);
    let a = half.x * (weight[0] & mask);
    let b = half.x * (weight[0] >> shift);
    let c = half.y * (weight[1] & mask);
    let d = half.y * (weight[1] >> shift);
    low += (a & mask) + (c & mask);
    middle += (a >> shift) + (b & mask) + (c >> shift) + (d & mask);
    high += (b >> shift) + (d >> shift);
  }
  for (var lane = 0u; lane < ${LANES}u; lane++) {
    atomicAdd(&totals[3u * lane], low[lane]);
    atomicAdd(&totals[3u * lane + 1u], middle[lane]);
    atomicAdd(&totals[3u * lane + 2u], high[lane]);
  }
  workgroupBarrier();
  if (thread < ${SUMS}u) {
    sums[row.x * ${STRIDE}u + thread] = atomicLoad(&totals[thread]);
  }
  if (thread == ${SUMS}u) {
    sums[row.x * ${STRIDE}u + thread] = row.x + 1u;
  }
}
`;

/**
 * The hashes of `hashRows` from what the shader wrote.
 * @throws when a row lacks its mark: a device that skipped the work must not pass for one that did it
 */
export function hashesOf(written: Uint32Array): Buffer {
  const rows = written.length / STRIDE;
  const hashes = Buffer.alloc(rows * LANES * 8);
  for (let row = 0; row < rows; row++) {
    const part = (index: number): number => written[row * STRIDE + index] ?? 0;
    if (part(SUMS) !== (row % ROWS_AT_ONCE) + 1) throw new Error('the device left a row out');
    for (let lane = 0; lane < LANES; lane++) {
      const [low, middle, high] = [0, 1, 2].map((index) => BigInt(part(3 * lane + index)));
      const hash = (low ?? 0n) + ((middle ?? 0n) << 16n) + ((high ?? 0n) << 32n);
      hashes.writeBigUInt64LE(hash, (row * LANES + lane) * 8);
    }
  }
  return hashes;
}
