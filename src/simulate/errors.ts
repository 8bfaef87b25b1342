// SPDX-License-Identifier: BSD-3-Clause
import { defineErrors } from '../base/index.ts';

export const simulateErrors = defineErrors('SIMULATE', {
  BAD_OPTION: {
    message: (p: { option: string; problem: string }) => `Survey option ${p.option}: ${p.problem}`,
    next: 'See skymill simulate --help for the options and their ranges.',
  },
  NOT_EMPTY: {
    message: (p: { folder: string }) => `${p.folder} holds files of another survey`,
    next: 'Give another folder, or --clobber to replace that survey.',
  },
});
