// SPDX-License-Identifier: BSD-3-Clause
import { defineErrors } from '../../base/index.ts';

export const doctorErrors = defineErrors('DOCTOR', {
  MOST_FILES_MISSING: {
    message: (p: { root: string; missing: number; total: number }) =>
      `${p.missing} of ${p.total} recorded files are missing below ${p.root}: this is how a storage looks that is not mounted`,
    next: 'Mount the storage and look again; if the files are really lost, repeat the command with --force.',
  },
  UNKNOWN_KIND: {
    message: (p: { kind: string; hint: string; known: string }) =>
      `The doctor knows no finding "${p.kind}".${p.hint} It knows ${p.known}.`,
    next: 'Give --only the names of findings as a report shows them.',
  },
});
