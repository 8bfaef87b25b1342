// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import type { DeferredDataset } from '../../butler/index.ts';
import { defineTask, input, output } from '../../pipeline/index.ts';
import {
  type Child,
  deblendFootprint,
  type Exposure,
  idColumn,
  type SourceList,
  type Table,
} from '../../pixels/index.ts';
import { shareTable, sourceList } from '../coadd-sources.ts';
import { backgroundFromTable, withoutSky } from '../sky-table.ts';

const config = z.strictObject({
  coaddName: z.string().default('deep').describe('Names the family of coadds: fills {coaddName} in dataset types'),
  maxPsfChiSquare: z
    .number()
    .positive()
    .default(1.5)
    .describe('A peak that a point source explains to this reduced chi-square is one'),
  maxPeaks: z.number().int().min(1).default(400).describe('Only so many peaks of a footprint are taken apart'),
});

/**
 * Takes blends apart in every band with the same peaks: symmetric monotonic templates or the PSF, light shared in proportion, nothing lost
 * (the SDSS deblender: Stoughton et al. 2002, AJ 123, 485, section 4.4.3). One band is in memory at a time.
 */
export const deblend = defineTask({
  name: 'deblend',
  doc: 'Shares the light of blended objects in all bands of a patch',
  dimensions: ['tract', 'patch'],
  connections: {
    merged: input('{coaddName}Coadd_mergeDet', {
      dimensions: ['tract', 'patch'],
      storage: 'ArrowAstropy',
      doc: 'Objects of the patch',
    }),
    coadds: input('{coaddName}Coadd', {
      dimensions: ['tract', 'patch', 'band'],
      storage: 'ExposureF',
      multiple: true,
      deferred: true,
      doc: 'Coadds of all bands',
    }),
    backgrounds: input('{coaddName}Coadd_calexp_background', {
      dimensions: ['tract', 'patch', 'band'],
      storage: 'ArrowAstropy',
      multiple: true,
      doc: 'Their residual sky',
    }),
    deblended: output('{coaddName}Coadd_deblendedFlux', {
      dimensions: ['tract', 'patch', 'band'],
      storage: 'ArrowAstropy',
      multiple: true,
      doc: 'Each object’s share of the light of its blend, in each band',
    }),
  },
  config,
  resources: ({ coadds }) => ({ memoryBytes: 3e8 + 4 * (coadds?.[0]?.sizeBytes ?? 2e8), cores: 1 }),
  async run(
    { merged, coadds, backgrounds }: { merged: Table; coadds: DeferredDataset[]; backgrounds: Table[] },
    context,
  ) {
    const bandOf = (connection: 'coadds' | 'backgrounds', band: string): number =>
      context.inputDataIds[connection].findIndex((id) => String(id['band']) === band);
    const deblended: (Table | undefined)[] = [];
    let blended = 0;
    for (const { band } of context.outputDataIds['deblended']) {
      const c = bandOf('coadds', String(band));
      const b = bandOf('backgrounds', String(band));
      if (c < 0 || b < 0) {
        deblended.push(undefined);
        continue;
      }
      const coadd = withoutSky((await coadds[c].get()) as Exposure, backgroundFromTable(backgrounds[b]));
      const shares = shareLight(coadd, sourceList(merged, undefined, coadd), context.config);
      blended = shares.filter((share) => share !== undefined).length;
      deblended.push(shareTable(idColumn(merged), shares, coadd));
    }
    context.metric('objects', merged.rows);
    context.metric('blended', blended);
    return { deblended };
  },
});

/** Shares of all objects in blends; undefined for isolated ones, an empty share for a peak that got no light. */
function shareLight(
  coadd: Exposure,
  sources: SourceList,
  options: { maxPsfChiSquare: number; maxPeaks: number },
): (Child | undefined)[] {
  const shares: (Child | undefined)[] = new Array(sources.count).fill(undefined);
  const members: number[][] = Array.from({ length: sources.footprints.count }, () => []);
  for (let i = 0; i < sources.count; i++) members[sources.footprint[i]].push(i);
  members.forEach((rows, k) => {
    if (rows.length < 2) return;
    for (const i of rows)
      shares[i] = { x0: 0, y0: 0, width: 0, height: 0, data: new Float32Array(0), peak: i, pointSource: false };
    const px = rows.map((i) => sources.x[i]);
    const py = rows.map((i) => sources.y[i]);
    for (const child of deblendFootprint(coadd, coadd.psf!, coadd, sources.footprints, k, px, py, options))
      shares[rows[child.peak]] = child;
  });
  return shares;
}
