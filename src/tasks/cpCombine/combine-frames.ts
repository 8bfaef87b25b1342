// SPDX-License-Identifier: BSD-3-Clause
import type { DeferredDataset } from '../../butler/index.ts';
import type { RawExposure } from '../../instruments/index.ts';
import { type QuantumContext, UnprocessableData } from '../../pipeline/index.ts';
import { combineBand, type MaskedImage, maskBits } from '../../pixels/index.ts';
import type { CombineConfig } from './config.ts';
import { PlaneStore } from './plane-store.ts';

/** What to do with one exposure: `scale` multiplies its values; `skip` leaves it out with the reason. */
export type FrameVerdict = { scale: number } | { skip: string };

export interface CombinedFrames {
  image: MaskedImage;
  /** Exposures that went in. */
  exposures: number[];
  /** Exposures left out, with the reason. */
  skipped: { exposure: number; reason: string }[];
  /** Scale factor of each exposure that went in. */
  scales: number[];
  last: RawExposure;
}

/** Rows combined at a time. */
const BAND_ROWS = 64;

/**
 * Combines raw exposures of one detector: reads and assembles one after the other, keeps only its scaled image plane, then combines
 * all in row bands. Pixels saturated (or otherwise bad) in more than half of the exposures are BAD in the result.
 */
export async function combineFrames(
  raws: readonly DeferredDataset<RawExposure>[],
  options: {
    /** Types of observation that may go in; others are left out with a warning. */
    observationTypes: readonly string[];
    assemble: (raw: RawExposure) => MaskedImage;
    judge: (image: MaskedImage, raw: RawExposure) => FrameVerdict;
  },
  context: QuantumContext<CombineConfig>,
): Promise<CombinedFrames> {
  const { config, log } = context;
  const store = new PlaneStore({ limitBytes: config.memoryLimitBytes, scratch: context.scratch });
  const badBits = maskBits('SAT', 'BAD', 'NO_DATA');
  const exposures: number[] = [];
  const scales: number[] = [];
  const skipped: { exposure: number; reason: string }[] = [];
  let badCount: Uint16Array | undefined;
  let last: RawExposure | undefined;
  let shape = { width: 0, height: 0 };
  try {
    for (const deferred of raws) {
      const raw = await deferred.get();
      const exposure = raw.info.exposureId;
      let reason: string | undefined;
      if (!options.observationTypes.includes(raw.info.observationType)) {
        reason = `it is a ${raw.info.observationType}, not a ${options.observationTypes.join(' or ')}`;
      } else {
        const image = options.assemble(raw);
        const verdict = options.judge(image, raw);
        if ('skip' in verdict) reason = verdict.skip;
        else {
          badCount ??= new Uint16Array(image.image.length);
          prepare(image, verdict.scale, badCount, badBits);
          store.add(image.image);
          exposures.push(exposure);
          scales.push(verdict.scale);
          shape = { width: image.width, height: image.height };
          last = raw;
        }
      }
      if (reason !== undefined) {
        log.warn(`exposure ${exposure} is left out: ${reason}`);
        skipped.push({ exposure, reason });
      }
    }
    if (last === undefined || badCount === undefined || exposures.length < config.minimumFrames) {
      const why = skipped.map((s) => `${s.exposure}: ${s.reason}`).join('; ');
      throw new UnprocessableData(
        `${exposures.length} usable exposures, but at least ${config.minimumFrames} are needed` +
          (why === '' ? '' : ` (left out: ${why})`),
      );
    }
    if (exposures.length < 3) log.warn('fewer than three exposures: cosmic rays of single frames stay in the result');
    const image = combineStore(store, shape.width, shape.height, config);
    markBad(image, badCount, exposures.length);
    context.metric('exposures', exposures.length);
    return { image, exposures, skipped, scales, last };
  } finally {
    store.close();
  }
}

/** Scales the plane, blanks pixels without data and counts the bad ones. */
function prepare(image: MaskedImage, scale: number, badCount: Uint16Array, badBits: number): void {
  const noData = maskBits('NO_DATA', 'UNMASKEDNAN');
  for (let i = 0; i < image.image.length; i++) {
    const bits = image.mask[i];
    if ((bits & badBits) !== 0) badCount[i]++;
    if ((bits & noData) !== 0) image.image[i] = Number.NaN;
    else image.image[i] *= scale;
  }
}

function combineStore(store: PlaneStore, width: number, height: number, config: CombineConfig): MaskedImage {
  const n = width * height;
  const planes = { image: new Float32Array(n), variance: new Float32Array(n), count: new Uint16Array(n) };
  const bandLength = BAND_ROWS * width;
  const buffers = Array.from({ length: store.count }, () => new Float32Array(bandLength));
  for (let begin = 0; begin < n; begin += bandLength) {
    const end = Math.min(n, begin + bandLength);
    combineBand(
      { planes: buffers.map((into, k) => store.band(k, begin, end, into)), length: end - begin },
      { method: config.combine, nSigma: config.nSigma, iterations: config.iterations },
      planes,
      begin,
    );
  }
  const mask = new Int32Array(n);
  const empty = maskBits('NO_DATA', 'BAD');
  for (let i = 0; i < n; i++) {
    if (planes.count[i] !== 0) continue;
    mask[i] = empty;
    planes.image[i] = 0;
  }
  return { width, height, x0: 0, y0: 0, image: planes.image, variance: planes.variance, mask };
}

function markBad(image: MaskedImage, badCount: Uint16Array, frames: number): void {
  const bad = maskBits('BAD');
  for (let i = 0; i < badCount.length; i++) if (2 * badCount[i] > frames) image.mask[i] |= bad;
}
