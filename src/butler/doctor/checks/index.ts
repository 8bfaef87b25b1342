// SPDX-License-Identifier: BSD-3-Clause
import type { Check } from '../model.ts';
import { chains } from './chains.ts';
import { datasetTypes } from './dataset-types.ts';
import { files } from './files.ts';
import { members } from './members.ts';
import { overlaps } from './overlaps.ts';
import { records } from './records.ts';
import { summaries } from './summaries.ts';
import { trash } from './trash.ts';

/** All checks, in the order they are done: what one repairs the next may build on. */
export const repositoryChecks: readonly Check[] = [
  datasetTypes,
  chains,
  members,
  summaries,
  overlaps,
  trash,
  records,
  files,
];
