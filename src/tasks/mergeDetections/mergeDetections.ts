// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import { defineTask, input, output } from '../../pipeline/index.ts';
import type { Table } from '../../pixels/index.ts';
import { byPriority } from '../bands.ts';
import { packedId } from '../catalogue-ids.ts';
import { mergeBandDetections } from './merge.ts';

const config = z.strictObject({
  coaddName: z.string().default('deep').describe('Names the family of coadds: fills {coaddName} in dataset types'),
  priority: z
    .array(z.string())
    .default(['i', 'r', 'z', 'y', 'g', 'u'])
    .describe('Bands in the order in which their peaks count; others follow by name'),
  samePeakPx: z.number().positive().default(2).describe('Peaks nearer than this are one object'),
  newPeakPx: z.number().positive().default(3.3).describe('Peaks farther than this from all others are new objects'),
});

/** One list of objects of a patch from the detections in all bands; object ids begin here. */
export const mergeDetections = defineTask({
  name: 'mergeDetections',
  doc: 'Merges the detections of all bands of a patch',
  dimensions: ['tract', 'patch'],
  connections: {
    detections: input('{coaddName}Coadd_det', {
      dimensions: ['tract', 'patch', 'band'],
      storage: 'ArrowAstropy',
      multiple: true,
      doc: 'Footprints and peaks of each band',
    }),
    merged: output('{coaddName}Coadd_mergeDet', {
      dimensions: ['tract', 'patch'],
      storage: 'ArrowAstropy',
      doc: 'Objects: peak, footprint, bands that saw it',
    }),
  },
  config,
  run({ detections }: { detections: Table[] }, context) {
    const { priority, samePeakPx, newPeakPx } = context.config;
    const bands = context.inputDataIds['detections'].map((id) => String(id['band']));
    const ordered = byPriority(bands, priority).map((i) => ({ band: bands[i], table: detections[i] }));
    const firstId = packedId(context.dataId, ['tract', 'patch']);
    const merged = mergeBandDetections(ordered, { samePeakPx, newPeakPx, firstId });
    context.metric('objects', merged.rows);
    context.metric('bands', ordered.map(({ band }) => band).join(','));
    return { merged };
  },
});
