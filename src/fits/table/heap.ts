// SPDX-License-Identifier: BSD-3-Clause
import { fitsErrors, placeOf, type Where } from '../errors.ts';
import type { Layout } from '../hdu/layout.ts';
import type { Header } from '../header/header.ts';
import type { ByteSource } from '../io/source.ts';

/** Gaps up to this are read along, so that neighbouring arrays cost one read. */
const MAX_GAP_BYTES = 1 << 16;
const MAX_READ_BYTES = 1 << 23;

/** A byte range of the heap, relative to its start. */
export interface HeapRange {
  offset: number;
  bytes: number;
}

/** The part of a binary table's data unit after the rows (FITS standard 4.0, section 7.3.5). */
export interface Heap {
  source: ByteSource;
  /** File offset of the first heap byte. */
  start: number;
  sizeBytes: number;
  where: Where;
}

export function heapOf(source: ByteSource, header: Header, layout: Layout, dataOffset: number, where: Where): Heap {
  const rowsBytes = (layout.shape[0] ?? 0) * (layout.shape[1] ?? 0);
  const theap = header.getInteger('THEAP', rowsBytes);
  if (theap < rowsBytes || theap > rowsBytes + layout.pcount) {
    const problem = `is ${theap} where the rows take ${rowsBytes} bytes and PCOUNT is ${layout.pcount}`;
    throw fitsErrors.BAD_STRUCTURE({ ...where, keyword: 'THEAP', problem }, placeOf(where));
  }
  return { source, start: dataOffset + theap, sizeBytes: rowsBytes + layout.pcount - theap, where };
}

/** Descriptor at `at`: element count and heap offset (P: 32-bit, Q: 64-bit). */
export function readDescriptor(view: DataView, at: number, half: 4 | 8): { count: number; offset: number } {
  if (half === 4) return { count: view.getInt32(at), offset: view.getInt32(at + 4) };
  return { count: Number(view.getBigInt64(at)), offset: Number(view.getBigInt64(at + 8)) };
}

/** Calls `take` with the bytes of each range, in heap order; neighbouring ranges are read together. Views are valid during the call. */
export async function readRanges(
  heap: Heap,
  ranges: readonly HeapRange[],
  describe: (index: number) => { row: number; column: string },
  take: (index: number, bytes: Uint8Array) => void,
): Promise<void> {
  const order: number[] = [];
  for (let i = 0; i < ranges.length; i++) {
    const { offset, bytes } = ranges[i];
    if (bytes === 0) continue;
    if (!(bytes > 0 && offset >= 0 && offset + bytes <= heap.sizeBytes)) {
      const where = { ...heap.where, byteOffset: heap.start };
      const problem = `its descriptor says ${bytes} bytes at ${offset} of a heap of ${heap.sizeBytes}`;
      throw fitsErrors.BAD_HEAP({ ...where, ...describe(i), problem }, placeOf(where));
    }
    order.push(i);
  }
  order.sort((a, b) => ranges[a].offset - ranges[b].offset);
  for (let first = 0; first < order.length; ) {
    const start = ranges[order[first]].offset;
    let end = start + ranges[order[first]].bytes;
    let last = first + 1;
    for (; last < order.length; last++) {
      const range = ranges[order[last]];
      if (range.offset - end > MAX_GAP_BYTES || range.offset + range.bytes - start > MAX_READ_BYTES) break;
      end = Math.max(end, range.offset + range.bytes);
    }
    const bytes = await heap.source.read(heap.start + start, end - start);
    if (bytes.length < end - start) {
      const where = { ...heap.where, byteOffset: heap.start + start };
      throw fitsErrors.TRUNCATED_DATA(
        { ...where, wantedBytes: end - start, sizeBytes: heap.source.sizeBytes },
        placeOf(where),
      );
    }
    for (; first < last; first++) {
      const { offset, bytes: length } = ranges[order[first]];
      take(order[first], bytes.subarray(offset - start, offset - start + length));
    }
  }
}
