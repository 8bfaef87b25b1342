// SPDX-License-Identifier: BSD-3-Clause
import type { Exposure } from '../../pixels/index.ts';
import type { CombinedFrames } from './combine-frames.ts';

/** The combination as an exposure, with cards that say what went in (`CALINnnn` is the n-th exposure). */
export function calibrationExposure(
  combined: CombinedFrames,
  kind: 'bias' | 'dark' | 'flat',
  unit: string,
  combine: string,
): Exposure {
  const { last, exposures, scales } = combined;
  const metadata: Exposure['metadata'] = {
    OBSTYPE: kind,
    BUNIT: unit,
    CALMETH: combine,
    CALNEXP: exposures.length,
  };
  exposures.forEach((exposure, i) => {
    const number = String(i + 1).padStart(3, '0');
    metadata[`CALIN${number}`] = exposure;
    if (kind !== 'bias') metadata[`CALSC${number}`] = scales[i];
  });
  const perFilter = kind === 'flat';
  const filter = last.instrument.filters.find((known) => known.physicalFilter === last.info.physicalFilter);
  return {
    ...combined.image,
    instrument: last.instrument.name,
    detector: last.detector.id,
    physicalFilter: perFilter ? last.info.physicalFilter : undefined,
    band: perFilter ? filter?.band : undefined,
    metadata,
  };
}
