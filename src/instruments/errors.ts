// SPDX-License-Identifier: BSD-3-Clause
import { defineErrors } from '../base/index.ts';

export const instrumentErrors = defineErrors('INSTRUMENT', {
  UNKNOWN: {
    message: (p: { name: string; known: string; hint: string }) =>
      `There is no instrument "${p.name}".${p.hint} Known here: ${p.known}.`,
    next: 'Give the name of a built-in instrument or the path of an instrument YAML file (docs/instruments.md).',
  },
  BAD_DEFINITION: {
    message: (p: { file: string; path: string; problem: string }) =>
      `Instrument file ${p.file}: ${p.path}: ${p.problem}`,
    next: 'Correct the file; docs/instruments.md describes every field.',
  },
  BAD_SECTION: {
    message: (p: { section: string; where: string }) =>
      `"${p.section}" in ${p.where} is not a FITS section such as [1:1024,1:1024]`,
    next: 'Write sections 1-based and inclusive, columns first; a reversed range mirrors the axis.',
  },
  SECTION_SIZE: {
    message: (p: { amplifier: string; data: string; detector: string }) =>
      `Amplifier ${p.amplifier}: DATASEC is ${p.data} pixels but DETSEC is ${p.detector}`,
    next: 'Both sections describe the same pixels; make them the same size.',
  },
  MISSING_CARD: {
    message: (p: { file: string; card: string; property: string; instrument: string }) =>
      `${p.file}: header card ${p.card} is missing, which ${p.instrument} needs for ${p.property}`,
    next: 'Restore the card (or give the rule a default in the instrument YAML), then ingest the file again.',
  },
  BAD_VALUE: {
    message: (p: { file: string; property: string; value: string; problem: string }) =>
      `${p.file}: "${p.value}" cannot be ${p.property}: ${p.problem}`,
    next: 'Correct the header card, or the translation rule in the instrument YAML.',
  },
  NOT_RECOGNISED: {
    message: (p: { file: string; clue: string; known: string }) =>
      `${p.file}: no registered instrument recognises its headers (${p.clue}); registered: ${p.known}`,
    next: 'Register the instrument first: skymill register-instrument REPO NAME-or-YAML.',
  },
  NO_DETECTOR: {
    message: (p: { instrument: string; id: string }) => `${p.instrument} has no detector ${p.id}`,
    next: 'List its detectors: skymill query-dimension-records REPO detector.',
  },
  NO_AMPLIFIERS: {
    message: (p: { instrument: string; detector: string }) =>
      `${p.instrument} does not say which pixels of a raw file belong to detector ${p.detector}: it names no amplifiers`,
    next: 'Give the detector type its amplifiers in a copy of the instrument YAML (docs/instruments.md), and register that with --update.',
  },
  RAW_SHAPE: {
    message: (p: { file: string; amplifier: string; section: string; width: number; height: number }) =>
      `${p.file}: amplifier ${p.amplifier} needs pixels ${p.section} but the image is ${p.width} x ${p.height}`,
    next: 'The file is of another readout mode than the instrument YAML describes, or was cut; check both.',
  },
  BAD_SIDECAR: {
    message: (p: { file: string; problem: string }) => `${p.file} cannot be used for what headers say: ${p.problem}`,
    next: 'Write it again (skymill translate-headers … --write-index or --write-sidecar), or remove it: then the headers themselves are read.',
  },
  EXPOSURE_DIFFERS: {
    message: (p: { file: string; exposure: string; field: string; own: string; other: string; otherFile: string }) =>
      `${p.file}: exposure ${p.exposure} has ${p.field} ${p.own} here and ${p.other} in ${p.otherFile}`,
    next: 'Files of one exposure must say the same of it: correct the header, or leave one of them out.',
  },
  TRUNCATED: {
    message: (p: { file: string; hdu: number }) => `${p.file}: the file ends before the data of HDU ${p.hdu} do`,
    next: 'Copy the file again from where it came from, then ingest it.',
  },
  MISSING_HDU: {
    message: (p: { file: string; hdu: string; detector: string; have: number }) =>
      `${p.file}: the file has ${p.have} HDUs, and no HDU ${p.hdu}, which holds pixels of detector ${p.detector}`,
    next: 'Copy the file again from where it came from (it may be cut), or correct the HDUs of the amplifiers in the instrument YAML.',
  },
  OTHER_EXPOSURE: {
    message: (p: { file: string; found: number; exposure: number }) =>
      `${p.file}: its header says exposure ${p.found}, but it was ingested as ${p.exposure}`,
    next: 'Numbers of exposures cannot change: remove the raw with prune-datasets and ingest the file again.',
  },
  BAD_GEOMETRY: {
    message: (p: { what: string; field: string; problem: string }) =>
      `${p.what}: ${p.field} cannot be used: ${p.problem}`,
    next: 'Make the dataset again with the task that fits the geometry of visits.',
  },
  NO_REFERENCE_STARS: {
    message: (p: { file: string }) => `${p.file}: not one row with a usable position`,
    next: 'Check the names given with --ra, --dec and --mag against the columns of the file.',
  },
  NO_COLUMN: {
    message: (p: { file: string; column: string; hint: string; columns: string }) =>
      `${p.file} has no column "${p.column}".${p.hint} It has: ${p.columns}.`,
    next: 'Name the right column with --ra, --dec, --id or --mag BAND=COLUMN.',
  },
});
