// SPDX-License-Identifier: BSD-3-Clause
/** Operations on whole repositories. Their code is loaded when one is first called: most commands call none. */

function later<M, K extends keyof M>(load: () => Promise<M>, name: K): M[K] {
  const call = async (...args: unknown[]): Promise<unknown> =>
    ((await load())[name] as (...args: unknown[]) => Promise<unknown>)(...args);
  return call as M[K];
}

export const buildRepository = later(() => import('./build.ts'), 'buildRepository');
export const examineRepository = later(() => import('./doctor/index.ts'), 'examineRepository');
export const exportCalibrations = later(() => import('./transfer/export-calibrations.ts'), 'exportCalibrations');
export const exportDatasets = later(() => import('./transfer/export.ts'), 'exportDatasets');
export const importRepository = later(() => import('./transfer/import.ts'), 'importRepository');
export const ingestTable = later(() => import('./transfer/ingest-table.ts'), 'ingestTable');
export const ingestZip = later(() => import('./transfer/ingest-zip.ts'), 'ingestZip');
export const repairRepository = later(() => import('./doctor/index.ts'), 'repairRepository');
export const retrieveZip = later(() => import('./transfer/retrieve-zip.ts'), 'retrieveZip');
export const transferDatasets = later(() => import('./transfer/transfer-datasets.ts'), 'transferDatasets');
export const verifyRepository = later(() => import('./transfer/verify.ts'), 'verifyRepository');
