/**
 * What a script wrote to stderr, without the two lines that libtensorflow writes itself while it is
 * loaded, on processors with AVX-512 VNNI or BF16: it does so before it looks at
 * TF_CPP_MIN_LOG_LEVEL (tensorflow/core/util/port.cc), so that nothing but giving up oneDNN would
 * keep it quiet.
 */
export function withoutLibraryLines<T extends { readonly stderr: string }>(result: T): T {
  const stderr = result.stderr
    .replace(/^WARNING: All log messages before absl::InitializeLog\(\).*\n/m, '')
    .replace(/^I0000 .* port\.cc:\d+\] oneDNN custom operations are on\..*\n/m, '');
  return { ...result, stderr };
}
