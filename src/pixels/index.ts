// SPDX-License-Identifier: BSD-3-Clause
/** Image model and numeric kernels on image planes. */

export {
  type CosmicRayOptions,
  type CosmicRayResult,
  cosmicRayDefaults,
  findCosmicRays,
} from './cosmicRays/lacosmic.ts';
export * from './errors.ts';
export * from './exposure.ts';
export { type InterpolateOptions, interpolateBad } from './interpolate/interpolate.ts';
export type { AmplifierGeometry, AmplifierPixels, PixelBox } from './isr/amplifier.ts';
export {
  type AmplifierSummary,
  type CalibrationPlane,
  goodMedian,
  type RemovalOptions,
  removeSignature,
} from './isr/isr.ts';
export { growMask, maskBoxes } from './isr/masks.ts';
export { type OverscanLevels, type OverscanMethod, overscanLevels } from './isr/overscan.ts';
export * from './masked-image.ts';
export { type CombinedPlanes, type CombineMethod, type CombineOptions, combineBand } from './stack/combine.ts';
export { type ClipOptions, type ClippedStatistics, clippedStatistics } from './statistics/clipped.ts';
export { median, medianAndSigma, medianInPlace, SIGMA_PER_MAD, selectKth } from './statistics/select.ts';
export * from './table.ts';
