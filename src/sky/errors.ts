// SPDX-License-Identifier: BSD-3-Clause
import { defineErrors } from '../base/index.ts';

/** Everything that can be wrong with what sky/ is given. */
export const skyErrors = defineErrors('SKY', {
  WCS_MISSING_CARD: {
    message: (p: { card: string; why: string }) => `The header has no usable ${p.card}: ${p.why}`,
    next: 'Give the header a complete celestial WCS (CTYPE, CRPIX, CRVAL and CD or PC/CDELT), or translate it in the instrument description.',
  },
  WCS_BAD_CARD: {
    message: (p: { card: string; value: string; rule: string }) => `${p.card} = ${p.value}: ${p.rule}`,
    next: 'Correct the card in the header, or translate it in the instrument description.',
  },
  WCS_UNKNOWN_PROJECTION: {
    message: (p: { ctype: string; known: string }) => `CTYPE '${p.ctype}' names a projection that is not supported`,
    next: (p: { ctype: string; known: string }) => `Use one of ${p.known}.`,
  },
  WCS_UNKNOWN_FRAME: {
    message: (p: { frame: string; known: string }) => `Celestial frame '${p.frame}' cannot be converted to ICRS`,
    next: (p: { frame: string; known: string }) => `Use one of ${p.known}, or convert the coordinates first.`,
  },
  WCS_SINGULAR: {
    message: (p: { matrix: string }) => `The pixel-to-plane matrix ${p.matrix} has no inverse`,
    next: 'Correct the CD (or PC and CDELT) cards: both axes need a scale that is not zero.',
  },
  WCS_POLE: {
    message: (p: { crval: string; lonpole: string }) =>
      `No position of the celestial pole fits CRVAL ${p.crval} with LONPOLE ${p.lonpole}`,
    next: 'Correct LONPOLE, LATPOLE or CRVAL2 (Calabretta & Greisen 2002, section 2.4).',
  },
  BAD_REGION: {
    message: (p: { what: string; rule: string }) => `Not a region: ${p.what}: ${p.rule}`,
    next: 'Correct the coordinates or the encoded bytes; a polygon needs three or more corners that span less than a hemisphere.',
  },
  BAD_POS: {
    message: (p: { text: string; rule: string }) => `'${p.text}' is not an IVOA POS region: ${p.rule}`,
    next: "Write 'CIRCLE lon lat radius', 'RANGE lon1 lon2 lat1 lat2' or 'POLYGON lon1 lat1 lon2 lat2 lon3 lat3 …' in degrees.",
  },
  BAD_PIXEL: {
    message: (p: { system: string; level: number; index: string; rule: string }) =>
      `${p.system}${p.level} has no pixel ${p.index}: ${p.rule}`,
    next: 'Check the pixelisation and its level against the index.',
  },
  BAD_LEVEL: {
    message: (p: { system: string; level: number; rule: string }) =>
      `Level ${p.level} of ${p.system} is not usable: ${p.rule}`,
    next: 'Choose a level within the range.',
  },
  BAD_TIME: {
    message: (p: { text: string; rule: string }) => `'${p.text}' is not a time: ${p.rule}`,
    next: 'Write YYYY-MM-DDThh:mm:ss[.fraction] or a Julian or modified Julian date, in a scale of UTC, TAI or TT.',
  },
  TIME_BEFORE_UTC: {
    message: (p: { text: string }) => `${p.text} lies before 1972-01-01, when UTC had no whole leap seconds`,
    next: 'Give times before 1972 in TAI or TT.',
  },
  BAD_SKYMAP: {
    message: (p: { name: string; rule: string }) => `Sky map '${p.name}': ${p.rule}`,
    next: 'Correct the sky map configuration.',
  },
  NO_SUCH_TRACT: {
    message: (p: { name: string; tract: number; count: number }) =>
      `Sky map '${p.name}' has no tract ${p.tract}: tracts are 0 to ${p.count} - 1`,
    next: 'Choose a tract of the sky map, or look up the tracts of a position.',
  },
  NO_SUCH_PATCH: {
    message: (p: { tract: number; patch: string; rule: string }) =>
      `Tract ${p.tract} has no patch ${p.patch}: ${p.rule}`,
    next: 'Choose a patch within the tract.',
  },
});
