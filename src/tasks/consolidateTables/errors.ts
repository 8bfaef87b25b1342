// SPDX-License-Identifier: BSD-3-Clause
import { defineErrors } from '../../base/index.ts';

export const consolidateErrors = defineErrors('CONSOLIDATE', {
  COLUMN_TYPE: {
    message: (p: { column: string; source: string; found: string; other: string; expected: string }) =>
      `column ${p.column} is ${p.found} in ${p.source} but ${p.expected} in ${p.other}`,
    next: 'The tables were made by different versions; make them again with one, or leave the column out by configuration.',
  },
  COLUMN_UNIT: {
    message: (p: { column: string; source: string; found: string; other: string; expected: string }) =>
      `column ${p.column} has unit "${p.found}" in ${p.source} but "${p.expected}" in ${p.other}`,
    next: 'The tables were made by different versions; make them again with one, or leave the column out by configuration.',
  },
  UNMATCHED: {
    message: (p: { source: string; id: string; reference: string }) =>
      `${p.source} has object ${p.id}, which is not in ${p.reference}`,
    next: 'The two were made from different merged catalogues; run mergeMeasurements and forced photometry again.',
  },
});
