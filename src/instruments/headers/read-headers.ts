// SPDX-License-Identifier: BSD-3-Clause
import { FitsFile } from '../../fits/index.ts';
import type { Cards } from '../../sky/index.ts';
import { instrumentErrors } from '../errors.ts';

/** The headers of a raw file, primary first. A file that ends before its data do is refused: it would fail much later otherwise. */
export async function readHeaders(path: string): Promise<Cards[]> {
  const file = await FitsFile.open(path);
  try {
    const cut = file.hdus.find((hdu) => hdu.truncated);
    if (cut !== undefined) {
      throw instrumentErrors.TRUNCATED(
        { file: path, hdu: cut.index },
        { place: { file: path, hdu: cut.index, byteOffset: cut.dataOffset } },
      );
    }
    return file.hdus.map((hdu) => hdu.header.toCards());
  } finally {
    await file.close();
  }
}
