// SPDX-License-Identifier: BSD-3-Clause
/**
 * The folder (relative to the datastore) in which the workers of a run write the archives of its quanta's logs and metadata. Templates of
 * file names lead elsewhere: a step that is the name of a dataset type has no hyphen.
 */
export function quantumRecordsFolder(run: string): string {
  return `${run.replaceAll(/[ <>:"\\|?*#%]/g, '_')}/quantum-records`;
}
