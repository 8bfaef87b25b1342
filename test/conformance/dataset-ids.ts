// SPDX-License-Identifier: BSD-3-Clause
import { datasetId, type IdMode } from '../../src/butler/datasets/ids.ts';

export interface DatasetIdCase {
  mode: IdMode;
  datasetType: string;
  run: string;
  dataId: Record<string, string | number>;
}

/** Suite `dataset-ids`: the reproducible id of a dataset. */
export function answer(testCase: DatasetIdCase): string {
  return datasetId(testCase.mode, testCase.datasetType, testCase.run, testCase.dataId);
}
