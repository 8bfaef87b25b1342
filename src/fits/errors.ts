// SPDX-License-Identifier: BSD-3-Clause
import { defineErrors, type Place } from '../base/index.ts';

/** Where in a file something is; `hdu` is an index or a name. */
export interface Where {
  file: string;
  hdu?: number | string;
  byteOffset?: number;
}

const at = (p: Where): string =>
  `${p.file}${p.hdu === undefined ? '' : `, HDU ${p.hdu}`}${p.byteOffset === undefined ? '' : `, byte ${p.byteOffset}`}`;

/** The `extra` argument of an error maker for a place. */
export function placeOf(where: Where): { place: Place } {
  return { place: { file: where.file, hdu: where.hdu, byteOffset: where.byteOffset } };
}

export const fitsErrors = defineErrors('FITS', {
  CANNOT_OPEN: {
    message: (p: { file: string; problem: string }) => `${p.file}: cannot be opened: ${p.problem}`,
    next: 'Check the path, its permissions, and that the file system is mounted.',
  },
  NOT_FITS: {
    message: (p: { file: string; found: string }) =>
      `${p.file}: not a FITS file: it begins with "${p.found}" where "SIMPLE  =" must be`,
    next: 'Check that the path is right and that the download is not an error page; remove the file from the list if it is not an image or table.',
  },
  TRUNCATED_HEADER: {
    message: (p: Where & { sizeBytes: number }) =>
      `${at(p)}: the header has no END card before the file ends at ${p.sizeBytes} bytes`,
    next: 'The file was cut short: copy it again from its origin.',
  },
  TRUNCATED_DATA: {
    message: (p: Where & { wantedBytes: number; sizeBytes: number }) =>
      `${at(p)}: the data unit needs ${p.wantedBytes} bytes from here but the file ends at ${p.sizeBytes} bytes`,
    next: 'The file was cut short: copy it again from its origin. HDUs before this one can still be read.',
  },
  BAD_STRUCTURE: {
    message: (p: Where & { keyword: string; problem: string }) => `${at(p)}: ${p.keyword} ${p.problem}`,
    next: 'The header does not describe its data unit; get the file again from its origin or have its writer corrected.',
  },
  TRAILING_BYTES: {
    message: (p: Where & { bytes: number }) => `${at(p)}: ${p.bytes} bytes after the last HDU are not an HDU`,
    next: 'The HDUs before can be read; if one is missing, copy the file again from its origin.',
  },
  BAD_CARD: {
    message: (p: { card: string; problem: string }) => `Header card "${p.card}" ${p.problem}; it is kept as it is`,
    next: 'Correct the program that wrote the card if its value is needed.',
  },
  NO_CARD: {
    message: (p: { keyword: string; hint: string }) => `The header has no card ${p.keyword}.${p.hint}`,
    next: 'Check the keyword, or give a default where the card is optional.',
  },
  CARD_TYPE: {
    message: (p: { keyword: string; value: string; wanted: string }) =>
      `Header card ${p.keyword} is ${p.value} where a ${p.wanted} is wanted`,
    next: 'Correct the card, or read it as the type it has.',
  },
  BAD_VALUE: {
    message: (p: { keyword: string; value: string; problem: string }) =>
      `Header card ${p.keyword} cannot hold ${p.value}: ${p.problem}`,
    next: 'Write undefined for an unknown value; FITS headers hold finite numbers, logicals, and printable ASCII text.',
  },
  NO_HDU: {
    message: (p: { file: string; hdu: string; have: string; hint: string }) =>
      `${p.file}: there is no HDU ${p.hdu}.${p.hint} It has ${p.have}.`,
    next: 'Name one of the HDUs the file has, by index from 0 or by EXTNAME.',
  },
  WRONG_KIND: {
    message: (p: Where & { kind: string; wanted: string }) => `${at(p)}: is ${p.kind} where ${p.wanted} is wanted`,
    next: 'Choose another HDU of the file, or read this one as what it is.',
  },
  NO_COLUMN: {
    message: (p: Where & { column: string; have: string; hint: string }) =>
      `${at(p)}: the table has no column "${p.column}".${p.hint} It has: ${p.have}.`,
    next: 'Name a column the table has.',
  },
  BAD_FORMAT: {
    message: (p: Where & { keyword: string; value: string; problem: string }) =>
      `${at(p)}: ${p.keyword} = "${p.value}": ${p.problem}`,
    next: 'The table description is damaged or not standard FITS; get the file again or have its writer corrected.',
  },
  BAD_FIELD: {
    message: (p: Where & { column: string; row: number; text: string; format: string }) =>
      `${at(p)}: column "${p.column}", row ${p.row}: "${p.text}" is not a number of format ${p.format}`,
    next: 'Correct the field in the table, or declare it as the null value (TNULLn).',
  },
  BAD_RANGE: {
    message: (p: Where & { wanted: string; have: string }) => `${at(p)}: ${p.wanted} is outside ${p.have}`,
    next: 'Ask for pixels or rows that exist; ranges are 0-based with the end excluded.',
  },
  BAD_TILE: {
    message: (p: Where & { tile: number; algorithm: string; problem: string }) =>
      `${at(p)}: ${p.algorithm} tile ${p.tile} cannot be decompressed: ${p.problem}`,
    next: 'The compressed data are damaged: compare the file with its checksum and copy it again from its origin.',
  },
  BAD_HEAP: {
    message: (p: Where & { row: number; column: string; problem: string }) =>
      `${at(p)}: variable-length array of column "${p.column}", row ${p.row}: ${p.problem}`,
    next: 'The descriptor points outside the heap: the file is damaged; copy it again from its origin.',
  },
  BAD_COMPRESSION: {
    message: (p: { file: string; format: string; problem: string }) =>
      `${p.file}: the ${p.format} stream cannot be decompressed: ${p.problem}`,
    next: 'The file was cut short or damaged: copy it again from its origin.',
  },
  UNSUPPORTED: {
    message: (p: Where & { feature: string }) => `${at(p)}: ${p.feature} is not supported`,
    next: 'Convert the HDU with the program that wrote it, or ask for this feature with the file attached.',
  },
  BAD_INPUT: {
    message: (p: { what: string; problem: string }) => `Cannot write ${p.what}: ${p.problem}`,
    next: 'Correct the array, shape or column given to the writer.',
  },
});
