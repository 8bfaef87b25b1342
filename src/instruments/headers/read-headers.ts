// SPDX-License-Identifier: BSD-3-Clause
import { FitsFile, type HeaderScan, scanHeadersSync } from '../../fits/index.ts';
import type { Cards } from '../../sky/index.ts';
import { instrumentErrors } from '../errors.ts';

export interface RawHeaders {
  /** Primary first. */
  headers: Cards[];
  /** Of the file, where reading the headers has shown it. */
  sizeBytes?: number | undefined;
}

/**
 * The headers of a raw file. A file that ends before its data do is refused: it would fail much later otherwise.
 * Plain whole files, nearly all of the very many, take four system calls; the others are opened with all care.
 */
export async function readHeaders(path: string): Promise<RawHeaders> {
  return readPlainHeaders(path) ?? (await readAnyHeaders(path));
}

/** Undefined where there is anything to look at closer: gzip, tile compression, a cut or damaged file, bytes that belong to no HDU. */
function readPlainHeaders(path: string): RawHeaders | undefined {
  let scanned: HeaderScan;
  try {
    scanned = scanHeadersSync(path);
  } catch {
    return undefined; // the other reader meets the same, and says what is wrong or that the HDUs before it will do
  }
  const { headers, dataEnd, sizeBytes, foreignBytes } = scanned;
  if (sizeBytes === undefined || foreignBytes || dataEnd > sizeBytes) return undefined;
  if (headers.some((header) => header.get('ZIMAGE') === true)) return undefined;
  return { headers: headers.map((header) => header.toCards()), sizeBytes };
}

async function readAnyHeaders(path: string): Promise<RawHeaders> {
  const file = await FitsFile.open(path);
  try {
    const cut = file.hdus.find((hdu) => hdu.truncated);
    if (cut !== undefined) {
      throw instrumentErrors.TRUNCATED(
        { file: path, hdu: cut.index },
        { place: { file: path, hdu: cut.index, byteOffset: cut.dataOffset } },
      );
    }
    return { headers: file.hdus.map((hdu) => hdu.header.toCards()) };
  } finally {
    await file.close();
  }
}
