// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import type { DeferredDataset } from '../../butler/index.ts';
import { defineTask, input, NoWorkFound, output } from '../../pipeline/index.ts';
import type { Exposure, PixelBox, Psf } from '../../pixels/index.ts';
import type { Wcs } from '../../sky/index.ts';
import { type DetectorComponents, summaryTable } from './summary-table.ts';

/**
 * One table a visit with what later steps want to know of its detectors: corners, WCS, PSF size, zero point, sky. Reads components of the
 * calibrated images, never their pixels. Detectors without a WCS are left out with a caveat.
 */
export const makeVisitSummary = defineTask({
  name: 'makeVisitSummary',
  doc: 'Gathers WCS, corners, PSF, zero point and sky of every detector of a visit in one table',
  dimensions: ['instrument', 'visit'],
  connections: {
    calexps: input('calexp', {
      dimensions: ['instrument', 'visit', 'detector'],
      storage: 'ExposureF',
      multiple: true,
      deferred: true,
      doc: 'Calibrated images; only components are read',
    }),
    visitSummary: output('visitSummary', {
      dimensions: ['instrument', 'visit'],
      storage: 'ArrowAstropy',
      doc: 'One row a detector',
    }),
  },
  config: z.strictObject({}),
  resources: () => ({ memoryBytes: 3e8, cores: 1 }),
  async run({ calexps }: { calexps: DeferredDataset[] }, context) {
    const rows: DetectorComponents[] = [];
    const without: number[] = [];
    for (const [i, calexp] of calexps.entries()) {
      const detector = Number(context.inputDataIds['calexps'][i]['detector']);
      const wcs = await component<Wcs>(calexp, 'wcs');
      if (wcs === undefined) {
        without.push(detector);
        continue;
      }
      rows.push({
        detector,
        box: (await calexp.get({ component: 'bbox' })) as PixelBox,
        wcs,
        psf: await component<Psf>(calexp, 'psf'),
        photoCalib: await component<Exposure['photoCalib']>(calexp, 'photoCalib'),
        visitInfo: await component<Exposure['visitInfo']>(calexp, 'visitInfo'),
        metadata: (await component<Exposure['metadata']>(calexp, 'metadata')) ?? {},
      });
    }
    if (rows.length === 0) throw new NoWorkFound('no detector of this visit has a WCS');
    if (without.length > 0) context.caveat('upstreamFailure', `no WCS for detectors ${without.join(', ')}`);
    rows.sort((a, b) => a.detector - b.detector);
    const visit = context.records['visit'] ?? {};
    context.metric('detectors', rows.length);
    return {
      visitSummary: summaryTable(
        Number(context.dataId['visit']),
        String(visit['physical_filter'] ?? context.dataId['physical_filter'] ?? ''),
        String(context.records['physical_filter']?.['band'] ?? context.dataId['band'] ?? ''),
        rows,
      ),
    };
  },
});

async function component<T>(dataset: DeferredDataset, name: string): Promise<T | undefined> {
  return ((await dataset.get({ component: name })) ?? undefined) as T | undefined;
}
