// SPDX-License-Identifier: BSD-3-Clause
import { promisify } from 'node:util';
import { gunzip, gunzipSync, constants as zlibConstants } from 'node:zlib';
import { fitsErrors, placeOf } from '../errors.ts';
import { lzwDecode } from './lzw.ts';
import { type ByteSource, MemorySource } from './source.ts';

const gunzipAsync = promisify(gunzip);

export function isGzip(start: Uint8Array): boolean {
  return start[0] === 0x1f && start[1] === 0x8b;
}

/** Files of `compress(1)`, suffix .Z. */
function isLzw(start: Uint8Array): boolean {
  return start[0] === 0x1f && start[1] === 0x9d;
}

/**
 * The uncompressed content of a whole-file compressed source (gzip or LZW, told by content, never by name), or the
 * source itself. Uncompressed content is held in memory.
 */
export async function uncompressed(source: ByteSource): Promise<ByteSource> {
  const magic = await source.read(0, 2);
  const format = isGzip(magic) ? 'gzip' : isLzw(magic) ? 'LZW' : undefined;
  if (format === undefined) return source;
  try {
    const bytes = await source.read(0, source.sizeBytes);
    const plain = format === 'gzip' ? await gunzipAsync(bytes) : lzwDecode(bytes);
    return new MemorySource(plain, source.name);
  } catch (cause) {
    const problem = (cause as Error).message;
    throw fitsErrors.BAD_COMPRESSION(
      { file: source.name, format, problem },
      { ...placeOf({ file: source.name }), cause },
    );
  } finally {
    await source.close();
  }
}

/** As much as the first bytes of a gzip stream give: an incomplete stream is no error here. */
export function gunzipStart(start: Uint8Array): Buffer {
  return gunzipSync(start, { finishFlush: zlibConstants.Z_SYNC_FLUSH });
}

/** A gzip member of a tile; `expectedBytes` bounds what a damaged stream may claim. */
export function gunzipTile(bytes: Uint8Array, expectedBytes: number): Buffer {
  return gunzipSync(bytes, { maxOutputLength: expectedBytes });
}
