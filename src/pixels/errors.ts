// SPDX-License-Identifier: BSD-3-Clause
import { defineErrors } from '../base/index.ts';

/** Errors of image kernels and catalogues in memory. */
export const pixelErrors = defineErrors('PIXELS', {
  NO_COLUMN: {
    message: (p: { column: string; wanted: string; have: string }) =>
      `the table has no ${p.wanted} column '${p.column}'; its columns are: ${p.have}`,
    next: 'Check which task and version wrote the table, or name a column it has.',
  },
  SHAPE: {
    message: (p: { what: string; expected: string; got: string }) => `${p.what} must be ${p.expected}, got ${p.got}`,
    next: 'Pass planes that belong to one image.',
  },
  MESH: {
    message: (p: { binSize: number; width: number; height: number }) =>
      `no background mesh of ${p.binSize} px in an image of ${p.width} x ${p.height} has enough good pixels`,
    next: 'Look at the mask: nearly every pixel is flagged; or use a larger mesh size.',
  },
  UNKNOWN_PSF: {
    message: (p: { type: string; known: string }) => `there is no PSF model of type '${p.type}'; known are: ${p.known}`,
    next: 'Read the file with the version that wrote it, or register a builder for that type with registerPsf().',
  },
  OVERSCAN: {
    message: (p: { amplifier: string; section: string; image: string }) =>
      `amplifier ${p.amplifier}: overscan ${p.section} does not lie beside the data section in a raw image of ${p.image}`,
    next: 'Correct biassec in the instrument YAML, or set the task configuration overscan to "median" or "none".',
  },
  LINEARITY: {
    message: (p: { amplifier: string; pairs: number }) =>
      `amplifier ${p.amplifier}: the ${p.pairs} pairs of its linearity table do not rise, or are fewer than two`,
    next: 'Give the measured ADU in rising order, with the corrected ADU beside them.',
  },
  CALIBRATION_SIZE: {
    message: (p: { kind: string; got: string; expected: string }) =>
      `the ${p.kind} is ${p.got} pixels but the assembled detector is ${p.expected}`,
    next: 'The calibration was made for another readout mode or detector; build it again from raws of this mode.',
  },
  COMBINE_EMPTY: {
    message: (p: { what: string }) => `there is nothing to combine: ${p.what}`,
    next: 'Check the data query that selects the inputs.',
  },
});
