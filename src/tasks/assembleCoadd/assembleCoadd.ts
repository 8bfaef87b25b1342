// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import type { DeferredDataset } from '../../butler/index.ts';
import {
  defineTask,
  input,
  NoWorkFound,
  output,
  type QuantumContext,
  UnprocessableData,
} from '../../pipeline/index.ts';
import {
  CoaddPsf,
  coaddBand,
  coaddDefaults,
  type Exposure,
  type MaskPlane,
  MaskPlanes,
  meanApertureCorrections,
  newMaskedImage,
  RegionBuilder,
  type Table,
} from '../../pixels/index.ts';
import { WarpReader } from './warp-reader.ts';

const planes = Object.keys(MaskPlanes) as [MaskPlane, ...MaskPlane[]];

const config = z.strictObject({
  coaddName: z.string().default('deep').describe('Names the family of coadds: fills {coaddName} in dataset types'),
  rejectPlanes: z
    .array(z.enum(planes))
    .default(['BAD', 'SAT', 'CR', 'NO_DATA', 'SUSPECT', 'UNMASKEDNAN'])
    .describe('Pixels with one of these are left out where another epoch is clean'),
  doClip: z.boolean().default(true).describe('Reject outliers among the epochs'),
  nSigma: z.number().positive().default(coaddDefaults.nSigma).describe('Limit with three or more epochs'),
  twoEpochSigma: z.number().positive().default(coaddDefaults.twoLayerSigma).describe('Limit with two epochs'),
  sourceTolerance: z
    .number()
    .min(0)
    .default(coaddDefaults.sourceTolerance)
    .describe('Deviations up to this multiple of the brightest value nearby count as differences of seeing'),
  sourceRadiusPx: z.number().int().min(0).default(coaddDefaults.sourceRadiusPx).describe('How far “nearby” reaches'),
  weighting: z
    .enum(['inverseVariance', 'equal'])
    .default('inverseVariance')
    .describe('Weight of an epoch: the inverse of its typical variance, or one'),
  memoryLimitBytes: z
    .number()
    .positive()
    .default(2 ** 30)
    .describe('Warps beyond this are read in row bands'),
});
type Config = z.infer<typeof config>;

/** Bytes a warp's pixel takes while it is combined: three planes and a state. */
const BYTES_PER_PIXEL = 13;

/**
 * The coadd of one patch and band: weighted mean of the visits' warps with outlier rejection, in row bands so that memory does not grow with
 * the number of visits. Which visit is in which pixel is kept exactly (`…Coadd_regions`), and what each visit gave (`…Coadd_inputs`).
 */
export const assembleCoadd = defineTask({
  name: 'assembleCoadd',
  doc: 'Combines the warps of a patch and band into a coadd',
  dimensions: ['tract', 'patch', 'band'],
  connections: {
    warps: input('{coaddName}Coadd_directWarp', {
      dimensions: ['tract', 'patch', 'visit'],
      storage: 'ExposureF',
      multiple: true,
      deferred: true,
      doc: 'Visits in the frame of the tract',
    }),
    coadd: output('{coaddName}Coadd', {
      dimensions: ['tract', 'patch', 'band'],
      storage: 'ExposureF',
      doc: 'The coadd, on the zero point of its warps',
    }),
    inputs: output('{coaddName}Coadd_inputs', {
      dimensions: ['tract', 'patch', 'band'],
      storage: 'ArrowAstropy',
      doc: 'One row a visit: weight, PSF, pixels used and clipped',
    }),
    regions: output('{coaddName}Coadd_regions', {
      dimensions: ['tract', 'patch', 'band'],
      storage: 'ArrowAstropy',
      doc: 'Runs of pixels with the same set of inputs',
    }),
  },
  config,
  resources: (_inputs, settings) => ({ memoryBytes: settings.memoryLimitBytes + 1e9, cores: 1 }),
  async run({ warps }: { warps: DeferredDataset[] }, context) {
    if (warps.length === 0) throw new NoWorkFound('there is no warp of this patch and band');
    const readers = await openWarps(warps, context);
    const weights = readers.map((reader) => (context.config.weighting === 'equal' ? 1 : 1 / reader.meanVariance));
    readers.forEach((reader, k) => {
      if (weights[k] > 0 && Number.isFinite(weights[k])) return;
      throw new UnprocessableData(`the warp of visit ${reader.dataId['visit']} has no usable variance`);
    });
    const { image, regions, clipped, used } = await combine(readers, weights, context.config);
    const first = readers[0];
    const psfs = readers.flatMap((reader, k) =>
      reader.psf instanceof CoaddPsf
        ? reader.psf.inputs.map((part) => ({ ...part, weight: part.weight * weights[k] }))
        : reader.psf !== undefined
          ? [{ psf: reader.psf, wcs: reader.wcs, box: reader.box, weight: weights[k] }]
          : [],
    );
    const coadd: Exposure = {
      ...image,
      wcs: first.wcs,
      psf: psfs.length > 0 ? new CoaddPsf(first.wcs, psfs) : undefined,
      photoCalib: first.photoCalib,
      apCorr: meanApertureCorrections(
        readers.map((reader, k) => ({ apCorr: reader.apCorr, x: 0, y: 0, weight: weights[k] })),
        { widthPx: image.width, heightPx: image.height },
      ),
      band: String(context.dataId['band']),
      metadata: { NVISIT: readers.length },
    };
    const total = used.reduce((a, b) => a + b, 0);
    context.metric('visits', readers.length);
    context.metric('clippedFraction', clipped.reduce((a, b) => a + b, 0) / Math.max(1, total));
    return { coadd, inputs: inputTable(readers, weights, used, clipped), regions };
  },
});

async function openWarps(warps: DeferredDataset[], context: QuantumContext<Config>): Promise<WarpReader[]> {
  const dataIds = context.inputDataIds['warps'];
  const order = warps.map((_, i) => i).sort((a, b) => Number(dataIds[a]['visit']) - Number(dataIds[b]['visit']));
  const box = (await warps[0].get({ component: 'bbox' })) as WarpReader['box'];
  const bytes = (box.x1 - box.x0) * (box.y1 - box.y0) * BYTES_PER_PIXEL * warps.length;
  const keepWhole = bytes <= context.config.memoryLimitBytes;
  const readers: WarpReader[] = [];
  for (const i of order) {
    const reader = await WarpReader.open(warps[i], dataIds[i], keepWhole);
    const expected = readers[0]?.box ?? box;
    if (JSON.stringify(reader.box) !== JSON.stringify(expected)) {
      throw new UnprocessableData(
        `the warp of visit ${reader.dataId['visit']} covers ${JSON.stringify(reader.box)}, others ${JSON.stringify(expected)}`,
      );
    }
    readers.push(reader);
  }
  return readers;
}

async function combine(readers: readonly WarpReader[], weights: readonly number[], settings: Config) {
  const { box } = readers[0];
  const width = box.x1 - box.x0;
  const halo = settings.sourceRadiusPx + 1;
  const affordable = Math.floor(settings.memoryLimitBytes / (width * BYTES_PER_PIXEL * readers.length));
  const bandRows = Math.max(16, affordable - 2 * halo);
  const image = newMaskedImage(width, box.y1 - box.y0, box.x0, box.y0);
  const regions = new RegionBuilder(readers.length);
  const clipped = readers.map(() => 0);
  const used = readers.map(() => 0);
  const rejectBits = settings.rejectPlanes.reduce((bits, plane) => bits | (1 << MaskPlanes[plane]), 0);
  for (let y0 = box.y0; y0 < box.y1; y0 += bandRows) {
    const y1 = Math.min(box.y1, y0 + bandRows);
    const from = Math.max(box.y0, y0 - halo);
    const to = Math.min(box.y1, y1 + halo);
    const layers = [];
    for (const [k, reader] of readers.entries()) layers.push({ ...(await reader.rows(from, to)), weight: weights[k] });
    const band = coaddBand(layers, width, to - from, {
      rejectBits,
      clip: settings.doClip,
      nSigma: settings.nSigma,
      twoLayerSigma: settings.twoEpochSigma,
      sourceTolerance: settings.sourceTolerance,
      sourceRadiusPx: settings.sourceRadiusPx,
      count: { begin: (y0 - from) * width, end: (y1 - from) * width },
    });
    const begin = (y0 - from) * width;
    const end = (y1 - from) * width;
    const at = (y0 - box.y0) * width;
    image.image.set(band.image.subarray(begin, end), at);
    image.variance.set(band.variance.subarray(begin, end), at);
    image.mask.set(band.mask.subarray(begin, end), at);
    for (let y = y0; y < y1; y++) regions.addRow(y, box.x0, width, band.used, (y - from) * width);
    readers.forEach((_, k) => {
      clipped[k] += band.clipped[k];
      used[k] += band.pixels[k];
    });
  }
  return { image, regions: regions.build(), clipped, used };
}

function inputTable(
  readers: readonly WarpReader[],
  weights: readonly number[],
  used: number[],
  clipped: number[],
): Table {
  const sum = weights.reduce((a, b) => a + b, 0);
  const { box } = readers[0];
  const [x, y] = [(box.x0 + box.x1 - 1) / 2, (box.y0 + box.y1 - 1) / 2];
  return {
    rows: readers.length,
    columns: {
      input: Int32Array.from(readers, (_, k) => k),
      visit: BigInt64Array.from(readers, (reader) => BigInt(reader.dataId['visit'])),
      weight: Float64Array.from(weights, (w) => w / sum),
      meanVariance: Float64Array.from(readers, (reader) => reader.meanVariance),
      psfSigma: Float64Array.from(readers, (reader) => reader.psf?.sigmaAt(x, y) ?? Number.NaN),
      pixelsUsed: Int32Array.from(used),
      pixelsClipped: Int32Array.from(clipped),
    },
    units: { meanVariance: 'count2', psfSigma: 'pixel' },
  };
}
