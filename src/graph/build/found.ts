// SPDX-License-Identifier: BSD-3-Clause
import type { DatasetColumns, Timespan } from '../../butler/index.ts';
import type { BuildContext } from './candidates.ts';
import type { CalibrationColumns } from './source.ts';
import type { CodedRows } from './tables.ts';

/** Datasets that were looked up, in the order in which they came: dataset k is row `firstExisting` + k of all existing ones. */
export interface FoundDatasets extends CodedRows {
  firstExisting: number;
}

/** Calibrations in columns; validity ranges are few, as certifications are. */
export interface FoundCalibrations extends FoundDatasets {
  timespans: readonly (Timespan | null)[];
  order: Uint32Array;
}

/** Takes in all batches of an answer. */
export async function keepFound(
  { dictionaries, existing }: BuildContext,
  batches: AsyncIterable<DatasetColumns>,
  dimensions: readonly string[],
): Promise<FoundDatasets> {
  const firstExisting = existing.count;
  const rows = await dictionaries.encodeAll(batches, dimensions, (batch) => {
    for (let row = 0; row < batch.rows; row++) existing.add(batch.ids[row], batch.runs[row]);
  });
  return { ...rows, firstExisting };
}

export async function keepCalibrations(context: BuildContext, found: CalibrationColumns): Promise<FoundCalibrations> {
  const batches = (async function* () {
    yield found;
  })();
  const rows = await keepFound(context, batches, found.dimensions);
  return { ...rows, timespans: found.timespans, order: found.order };
}
