// SPDX-License-Identifier: BSD-3-Clause
import type { DataId, DimensionRecord } from '../../src/butler/index.ts';
import { loadPipelineText, resolvePipeline, type TaskDefinition } from '../../src/pipeline/index.ts';
import { surveyTasks } from '../pipeline/tasks.ts';
import { type MemoryDataset, MemorySource, universe, uuid } from './memory-source.ts';

/** Visits alternate between g and r; detector d of each visit covers patches d and d+1 of tract 7. */
export function surveyRows(visits: number, detectors: number): DataId[] {
  const rows: DataId[] = [];
  for (let visit = 1; visit <= visits; visit++) {
    const band = visit % 2 === 1 ? 'g' : 'r';
    for (let detector = 0; detector < detectors; detector++) {
      for (const patch of [detector, detector + 1]) {
        rows.push({
          instrument: 'Cam',
          detector,
          visit,
          exposure: visit,
          band,
          physical_filter: `${band}-1`,
          day_obs: 20260101,
          group: `${visit}`,
          skymap: 'sky',
          tract: 7,
          patch,
        });
      }
    }
  }
  return rows;
}

const dayNs = (day: number) => BigInt(day) * 86_400_000_000_000n;
const range = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);

/** Exposure n is taken on day n. */
function surveyRecords(visits: number, detectors: number): Record<string, DimensionRecord[]> {
  const exposure = range(visits, 1).map((id) => ({
    instrument: 'Cam',
    id,
    obs_id: `obs${id}`,
    timespan: { beginNs: dayNs(id), endNs: dayNs(id) + 1000n },
    region: new Uint8Array([112, id]),
  }));
  return {
    exposure,
    visit: exposure,
    detector: range(detectors).map((id) => ({ instrument: 'Cam', id, full_name: `D${id}` })),
  };
}

export function raws(visits = 4, detectors = 3): MemoryDataset[] {
  return range(visits, 1).flatMap((exposure) =>
    range(detectors).map((detector) => ({
      id: uuid(),
      type: 'raw',
      dataId: { instrument: 'Cam', exposure, detector },
      collection: 'raws',
    })),
  );
}
export function bias(detector: number, fromDay: number, toDay: number, collection = 'calib'): MemoryDataset {
  const timespan = { beginNs: dayNs(fromDay), endNs: dayNs(toDay) };
  return { id: uuid(), type: 'bias', dataId: { instrument: 'Cam', detector }, collection, timespan };
}
/** Two validity ranges a detector: days 0 to 3, and 3 on. */
export function biases(detectors = 3): MemoryDataset[] {
  return range(detectors).flatMap((detector) => [bias(detector, 0, 3), bias(detector, 3, 100_000)]);
}
export function skyMap(): MemoryDataset {
  return { id: uuid(), type: 'skyMap', dataId: { skymap: 'sky' }, collection: 'skymaps' };
}

export const surveyOptions = { inputs: ['raws', 'calib', 'skymaps'], outputRun: 'out/1' };

export async function surveyPipeline(tasks: Record<string, TaskDefinition> = surveyTasks) {
  const text = JSON.stringify({
    description: 'a survey',
    tasks: Object.fromEntries(Object.keys(tasks).map((name) => [name, name])),
  });
  return resolvePipeline(await loadPipelineText(text, 'survey.yaml'), async (name) => tasks[name], { universe });
}

export function surveySource(
  datasets: readonly MemoryDataset[],
  where?: (row: DataId) => boolean,
  visits = 4,
  detectors = 3,
): MemorySource {
  return new MemorySource(surveyRows(visits, detectors), datasets, {
    records: surveyRecords(visits, detectors),
    where,
  });
}
