// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { uuidHex } from '../../base/index.ts';
import type { Butler } from '../butler.ts';
import { globMatcher } from '../registry/glob.ts';
import type { DatasetRef } from '../types.ts';
import { transferErrors } from './errors.ts';
import { type ExportReport, type ExportTransfer, exportDatasets } from './export.ts';

export interface ExportCalibrationsOptions {
  /** May not exist yet. */
  readonly directory: string;
  /** CALIBRATION or CHAINED collections, names or globs; default all. Chains are followed. */
  readonly collections?: readonly string[];
  readonly datasetTypes?: readonly string[];
  readonly transfer: ExportTransfer;
  readonly dryRun?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Writes what is certified in CALIBRATION collections, with the collections and the chains that lead to them. */
export async function exportCalibrations(
  butler: Butler,
  options: ExportCalibrationsOptions,
): Promise<Partial<ExportReport> & { refs: DatasetRef[] }> {
  if (existsSync(options.directory)) {
    throw transferErrors.EXISTS({ path: options.directory, what: 'the export of calibrations' });
  }
  const collections = await calibrationsAmong(butler, options.collections ?? []);
  for (const name of options.datasetTypes ?? []) if (!/[*?[]/.test(name)) await butler.getDatasetType(name);
  const refs = new Map<string, DatasetRef>();
  for (const type of await butler.listDatasetTypes(options.datasetTypes)) {
    if (!type.isCalibration) continue;
    for await (const { ref } of butler.associations(type.name, { collections, types: ['CALIBRATION'] })) {
      refs.set(ref.id, ref);
    }
  }
  const sorted = [...refs.values()].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  if (sorted.length === 0) return { refs: [] };
  const report = await exportDatasets(butler, sorted, { ...options, collections });
  return { ...report, refs: sorted };
}

function sortKey(ref: DatasetRef): string {
  return `${ref.datasetType.name}\u0000${ref.dataId.key}\u0000${uuidHex(ref.id)}`;
}

async function calibrationsAmong(butler: Butler, wanted: readonly string[]): Promise<string[]> {
  const all = new Map((await butler.listCollections()).map((info) => [info.name, info]));
  for (const name of wanted) if (!/[*?[]/.test(name)) await butler.getCollection(name);
  const matches = globMatcher(wanted);
  const out = new Set<string>();
  const add = (name: string): void => {
    const info = all.get(name);
    if (info === undefined || out.has(name)) return;
    if (info.type === 'CALIBRATION' || info.type === 'CHAINED') out.add(name);
    for (const child of info.children ?? []) add(child);
  };
  for (const name of all.keys()) if (matches(name)) add(name);
  return [...out];
}
