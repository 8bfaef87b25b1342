// SPDX-License-Identifier: BSD-3-Clause
import { unlinkSync } from 'node:fs';
import { addToChecksum, encodeChecksum } from '../checksum.ts';
import { padded } from '../hdu/layout.ts';
import { BufferedSink, type ByteSink, FileSink, type WrittenFile } from '../io/sink.ts';
import { canBePrimary, type EncodedHdu, emptyPrimary, encodeHdu, type HduToWrite } from './hdu.ts';

export interface WriteOptions {
  /** Write CHECKSUM and DATASUM; default true. */
  checksum?: boolean;
}

/**
 * Writes HDUs in one forward pass: sums are taken over memory before a header goes out, nothing is written twice and nothing is read
 * back. Where the first HDU cannot be primary (a table, a compressed image), an empty primary HDU comes before it.
 * Memory: the arrays given, compressed tiles where asked for, and a buffer of 1 MiB. The sink gets writes of 1 MiB.
 */
export async function writeFits(
  sink: ByteSink,
  hdus: readonly HduToWrite[],
  options: WriteOptions = {},
): Promise<void> {
  const out = new BufferedSink(sink);
  const checksum = options.checksum ?? true;
  const needsPrimary = hdus.length === 0 || !canBePrimary(hdus[0]);
  if (needsPrimary) await put(out, emptyPrimary(), checksum);
  for (let i = 0; i < hdus.length; i++) {
    const primary = i === 0 && !needsPrimary;
    await put(out, encodeHdu(hdus[i], { primary, extended: hdus.length > 1 }), checksum);
  }
  await out.flush();
}

/** As {@link writeFits} into a new file, which is removed when writing fails. Rename it into place yourself. */
export async function writeFitsFile(
  path: string,
  hdus: readonly HduToWrite[],
  options: WriteOptions & { sync?: boolean } = {},
): Promise<WrittenFile> {
  const sink = new FileSink(path);
  try {
    await writeFits(sink, hdus, options);
    return sink.finish({ sync: options.sync });
  } catch (error) {
    sink.abort();
    unlinkSync(path);
    throw error;
  }
}

async function put(out: BufferedSink, hdu: EncodedHdu, checksum: boolean): Promise<void> {
  const { header, body } = hdu;
  if (checksum) {
    let sum = 0;
    for (const piece of body.pieces()) sum = addToChecksum(sum, piece);
    header.set('CHECKSUM', '0000000000000000', 'sum of the HDU');
    header.set('DATASUM', String(sum), 'sum of the data unit');
    const total = addToChecksum(sum, header.toBytes());
    header.set('CHECKSUM', encodeChecksum(total));
  }
  await out.write(header.toBytes());
  for (const piece of body.pieces()) await out.write(piece);
  const fill = padded(body.sizeBytes) - body.sizeBytes;
  if (fill > 0) await out.write(Buffer.alloc(fill, body.fill));
}
