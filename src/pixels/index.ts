// SPDX-License-Identifier: BSD-3-Clause
/** Image model and numeric kernels on image planes. */

export {
  type Background,
  type BackgroundOptions,
  backgroundImage,
  backgroundRms,
  measureBackground,
  subtractBackground,
} from './background/background.ts';
export { convolveSeparable, correlate, gaussianTaps, type Kernel } from './convolve/convolve.ts';
export {
  type CosmicRayOptions,
  type CosmicRayResult,
  cosmicRayDefaults,
  findCosmicRays,
} from './cosmicRays/lacosmic.ts';
export { type Child, type DeblendOptions, deblendFootprint } from './deblend/deblend.ts';
export { deblendSources, type SourceList } from './deblend/source-list.ts';
export { type Branches, type BranchOptions, splitBranches } from './detect/branches.ts';
export {
  ExtractFlags,
  type ExtractOptions,
  extractObjects,
  type IsophotalObjects,
  momentAxes,
} from './detect/extract.ts';
export {
  type Box,
  decodeSpans,
  encodeSpans,
  type Footprints,
  footprintArea,
  footprintBox,
  labelImage,
  paintFootprints,
  selectFootprints,
} from './detect/footprints.ts';
export { findFootprints, growFootprints, maskFootprints } from './detect/label.ts';
export { type Detections, type DetectOptions, detectSources } from './detect/sources.ts';
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
export { LookupLinearity } from './isr/linearity.ts';
export { growMask, maskBoxes } from './isr/masks.ts';
export { type OverscanLevels, type OverscanMethod, overscanLevels } from './isr/overscan.ts';
export * from './masked-image.ts';
export {
  type ApertureSum,
  type Ellipse,
  ellipseOf,
  newApertureSum,
  type Planes,
  sumCircle,
  sumEllipse,
} from './measure/aperture.ts';
export {
  type ApertureCorrection,
  applyApertureCorrections,
  type CorrectedImage,
  evaluateApertureCorrection,
  meanApertureCorrections,
  measureApertureCorrections,
} from './measure/aperture-correction.ts';
export { type Centroid, windowedCentroid } from './measure/centroid.ts';
export { Columns } from './measure/columns.ts';
export { type ForcedOptions, measureForced } from './measure/forced.ts';
export { type KronFlux, type KronOptions, kronFlux } from './measure/kron.ts';
export { type AdaptiveMoments, adaptiveMoments } from './measure/moments.ts';
export {
  apertureName,
  DEFAULT_APERTURES,
  declareFluxColumns,
  declarePixelFlags,
  measureApertures,
  measurePsfFlux,
  setPixelFlags,
} from './measure/plugins.ts';
export { fitPolynomial, type PolynomialFit, polynomialTerms } from './measure/polynomial.ts';
export { type PsfFlux, psfFlux } from './measure/psf-flux.ts';
export { type MeasureOptions, measureSources, setCoordinates } from './measure/sources.ts';
export { AnalyticPsf } from './psf/analytic.ts';
export { psfFromPlain, registerPsf } from './psf/codec.ts';
export { fitPsf, type PsfFit, type PsfFitOptions, type PsfStar } from './psf/fit.ts';
export { PolynomialPsf, type PolynomialPsfModel } from './psf/polynomial.ts';
export { type StarSelectOptions, selectPsfStars } from './psf/select.ts';
export { type CoaddBand, type CoaddLayer, type CoaddOptions, coaddBand, coaddDefaults } from './stack/coadd.ts';
export { CoaddPsf, type CoaddPsfInput, coaddPsfFromPlain } from './stack/coadd-psf.ts';
export { type CombinedPlanes, type CombineMethod, type CombineOptions, combineBand } from './stack/combine.ts';
export { inputsAt, RegionBuilder } from './stack/regions.ts';
export { type ClipOptions, type ClippedStatistics, clippedStatistics } from './statistics/clipped.ts';
export { median, medianAndSigma, medianInPlace, SIGMA_PER_MAD, selectKth } from './statistics/select.ts';
export * from './table.ts';
export type { ImageBox } from './warp/grid.ts';
export { type WarpKernelName, warpKernel } from './warp/kernel.ts';
export { emptyWarp, type WarpOptions, type WarpResult, warpDefaults, warpInto } from './warp/warp.ts';
