// SPDX-License-Identifier: BSD-3-Clause
import type { RemovalReport } from '../butler/index.ts';
import type { Output } from './output.ts';

/** What a removal does, as a table and sentences: datasets by type, files and bytes, collections, and who loses a member. */
export function sayRemoval(out: Output, report: RemovalReport, dryRun: boolean): void {
  const types = Object.entries(report.datasets);
  if (types.length > 0) out.rows(['dataset type', 'datasets'], types);
  const will = dryRun ? 'Would remove' : 'Removes';
  if (report.collections.length > 0) out.say(`${will} the collections ${report.collections.join(', ')}.`);
  if (report.files > 0) out.say(`${will} ${report.files} files, ${formatBytes(report.sizeBytes)}.`);
  if (report.unlinkedFrom.length > 0) out.say(`Chains that lose a member: ${report.unlinkedFrom.join(', ')}.`);
  if (report.disassociatedFrom.length > 0) {
    out.say(`Tagged and calibration collections that lose datasets: ${report.disassociatedFrom.join(', ')}.`);
  }
}

export function datasetCount(report: RemovalReport): number {
  return Object.values(report.datasets).reduce((sum, count) => sum + count, 0);
}

export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let i = 0;
  let value = bytes;
  while (value >= 1000 && i < units.length - 1) {
    value /= 1000;
    i++;
  }
  return `${i === 0 ? value : value.toPrecision(3)} ${units[i]}`;
}
