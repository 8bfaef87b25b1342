// SPDX-License-Identifier: BSD-3-Clause
import { defineErrors } from '../../base/index.ts';

export const calibrateErrors = defineErrors('CALIBRATE', {
  NO_REFERENCE_STARS: {
    message: (p: { raDeg: string; decDeg: string; radiusArcmin: string; catalogue: string; shards: string }) =>
      `No star of ${p.catalogue} lies within ${p.radiusArcmin}' of the field centre (RA ${p.raDeg}, Dec ${p.decDeg}, ICRS degrees); ${p.shards}`,
    next: 'Ingest a reference catalogue that covers the field, or check the pointing in the header.',
  },
  NO_MATCH: {
    message: (p: {
      raDeg: string;
      decDeg: string;
      sources: number;
      references: number;
      shiftArcmin: string;
      votes: string;
    }) =>
      `${p.sources} sources about RA ${p.raDeg}, Dec ${p.decDeg} do not match ${p.references} reference stars at any shift up to ${p.shiftArcmin}' (${p.votes})`,
    next: 'Check pointing, rotation and pixel scale of the initial WCS; raise maximumShiftArcsec or maximumRotationDeg if they are that uncertain.',
  },
  TOO_FEW_MATCHES: {
    message: (p: { found: number; needed: number; what: string }) =>
      `Only ${p.found} stars can be used for the ${p.what}; at least ${p.needed} are needed`,
    next: 'Look at the image and its source list; lower minimumMatches if the field really has so few stars.',
  },
  POOR_ASTROMETRY: {
    message: (p: { rmsArcsec: string; limitArcsec: string; matches: number }) =>
      `The astrometric residuals of ${p.matches} stars scatter by ${p.rmsArcsec}" per coordinate, more than the limit of ${p.limitArcsec}"`,
    next: 'Raise the order of the fit, or maximumScatterArcsec if the reference catalogue is that coarse.',
  },
  NO_BAND: {
    message: (p: { band: string; catalogue: string; have: string }) =>
      `Reference catalogue ${p.catalogue} has no flux in band '${p.band}'; it has ${p.have}`,
    next: 'Name the band to use in referenceBands (exposure band: reference band).',
  },
  NO_WCS: {
    message: (p: { exposure: string }) => `The image of ${p.exposure} has no initial WCS to start from`,
    next: "Give the instrument's header rules a boresight and a plate scale, so that raws get a WCS when they are read.",
  },
});
