import type * as Exporters from '../../runs/report/reportExport';

/**
 * The exporters of a report, loaded at their first use: `scripts/build.mjs` gives them a bundle of
 * their own, as most sessions never export.
 */
export function loadExporters(): Promise<typeof Exporters> {
  return import('../../runs/report/reportExport');
}
