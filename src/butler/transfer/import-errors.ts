// SPDX-License-Identifier: BSD-3-Clause
import { defineErrors } from '../../base/index.ts';

/** Errors of export files that are read in. */
export const importErrors = defineErrors('IMPORT', {
  NOT_AN_EXPORT: {
    message: (p: { file: string; reason: string }) => `${p.file} is not a repository export: ${p.reason}.`,
    next: 'Give the YAML file that an export wrote (often named export.yaml).',
  },
  VERSION: {
    message: (p: { file: string; version: string }) =>
      `${p.file} is an export of format version ${p.version}; versions 0 and 1.0.x are understood.`,
    next: 'Export again with a format version up to 1.0.2.',
  },
  TWICE: {
    message: (p: { id: string }) => `Dataset id ${p.id} comes twice in the export.`,
    next: 'Correct the file, or export again.',
  },
  UNKNOWN_SECTION: {
    message: (p: { file: string; type: string; hint: string }) =>
      `${p.file} has a section of type "${p.type}".${p.hint}`,
    next: 'Export again with a format version up to 1.0.2.',
  },
  BAD_SECTION: {
    message: (p: { file: string; section: string; reason: string }) => `${p.file}, section ${p.section}: ${p.reason}.`,
    next: 'Correct the file, or export again.',
  },
});
