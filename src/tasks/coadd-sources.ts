// SPDX-License-Identifier: BSD-3-Clause
import {
  bytesColumn,
  type Child,
  type Detections,
  decodeSpans,
  encodeSpans,
  idColumn,
  numberColumn,
  type SourceList,
  type Table,
} from '../pixels/index.ts';

/** Bytes of one peak in a `footprint_peaks` column: x, y (parent frame, pixels) and significance as little-endian doubles. */
const PEAK_BYTES = 24;

/** Detections as a table: one row a footprint with its spans and peaks; positions in the parent frame. */
export function detectionTable(detections: Detections, origin: { x0: number; y0: number }, firstId: bigint): Table {
  const { footprints, peakStart, peakX, peakY, peakSignificance } = detections;
  const n = footprints.count;
  const peaks = Array.from({ length: n }, (_, k) => {
    const bytes = new Uint8Array((peakStart[k + 1] - peakStart[k]) * PEAK_BYTES);
    const view = new DataView(bytes.buffer);
    for (let p = peakStart[k], at = 0; p < peakStart[k + 1]; p++, at += PEAK_BYTES) {
      view.setFloat64(at, peakX[p] + origin.x0, true);
      view.setFloat64(at + 8, peakY[p] + origin.y0, true);
      view.setFloat64(at + 16, peakSignificance[p], true);
    }
    return bytes;
  });
  return {
    rows: n,
    columns: {
      id: BigInt64Array.from({ length: n }, (_, k) => firstId + BigInt(k)),
      footprint_nPeaks: Int32Array.from({ length: n }, (_, k) => peakStart[k + 1] - peakStart[k]),
      footprint_spans: Array.from({ length: n }, (_, k) => encodeSpans(footprints, k, origin.x0, origin.y0)),
      footprint_peaks: peaks,
    },
    meta: { noiseScale: detections.noiseScale },
  };
}

export interface Peak {
  x: number;
  y: number;
  significance: number;
}

/** Peaks of one row of a detection table, parent frame. */
export function decodePeaks(bytes: Uint8Array): Peak[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / PEAK_BYTES }, (_, i) => ({
    x: view.getFloat64(i * PEAK_BYTES, true),
    y: view.getFloat64(i * PEAK_BYTES + 8, true),
    significance: view.getFloat64(i * PEAK_BYTES + 16, true),
  }));
}

/**
 * Light of blends as a table: one row an object, `child_pixels` little-endian float32 over `child_box` (x0, y0, width,
 * height in the parent frame), empty where the whole footprint belongs to the object.
 */
export function shareTable(
  ids: BigInt64Array,
  shares: readonly (Child | undefined)[],
  origin: { x0: number; y0: number },
): Table {
  const rows = shares.length;
  const box = (pick: (share: Child) => number): Int32Array =>
    Int32Array.from(shares, (share) => (share === undefined ? 0 : pick(share)));
  return {
    rows,
    columns: {
      id: ids,
      deblend_blended: Uint8Array.from(shares, (share) => (share === undefined ? 0 : 1)),
      deblend_deblendedAsPsf: Uint8Array.from(shares, (share) => (share?.pointSource ? 1 : 0)),
      deblend_skipped: Uint8Array.from(shares, (share) => (share !== undefined && share.data.length === 0 ? 1 : 0)),
      child_x0: box((share) => share.x0 + origin.x0),
      child_y0: box((share) => share.y0 + origin.y0),
      child_width: box((share) => share.width),
      child_height: box((share) => share.height),
      child_pixels: shares.map((share) => littleEndian(share?.data ?? new Float32Array(0))),
    },
    units: { child_x0: 'pixel', child_y0: 'pixel', child_width: 'pixel', child_height: 'pixel' },
  };
}

function littleEndian(data: Float32Array): Uint8Array {
  const bytes = new Uint8Array(4 * data.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < data.length; i++) view.setFloat32(4 * i, data[i], true);
  return bytes;
}

/**
 * What there is to measure on one band of a patch: the merged detections with this band's shares of blended light.
 * @param merged rows of mergeDetections: one an object (peak), with its footprint's spans
 * @param shares rows of deblend for the same objects in the same order
 */
export function sourceList(merged: Table, shares: Table | undefined, origin: { x0: number; y0: number }): SourceList {
  const parent = idColumn(merged, 'parent');
  const spans = bytesColumnOrEmpty(merged, 'footprint_spans');
  // Each footprint is stored with its first object.
  const footprintOf = new Map<bigint, number>();
  const stored: Uint8Array[] = [];
  const footprint = new Int32Array(merged.rows);
  const siblings = new Int32Array(merged.rows);
  for (let i = 0; i < merged.rows; i++) {
    let k = footprintOf.get(parent[i]);
    if (k === undefined) {
      k = stored.length;
      footprintOf.set(parent[i], k);
      stored.push(spans[i]);
    }
    footprint[i] = k;
  }
  const count = new Int32Array(stored.length);
  for (const k of footprint) count[k]++;
  for (let i = 0; i < merged.rows; i++) siblings[i] = count[footprint[i]];
  return {
    count: merged.rows,
    footprints: decodeSpans(stored, origin.x0, origin.y0),
    footprint,
    siblings,
    x: Float64Array.from(numberColumn(merged, 'peak_x'), (x) => x - origin.x0),
    y: Float64Array.from(numberColumn(merged, 'peak_y'), (y) => y - origin.y0),
    significance: Float64Array.from(numberColumn(merged, 'peak_significance')),
    share: shares === undefined ? new Array(merged.rows).fill(undefined) : decodeShares(shares, origin),
  };
}

function decodeShares(table: Table, origin: { x0: number; y0: number }): (Child | undefined)[] {
  const blended = numberColumn(table, 'deblend_blended');
  const point = numberColumn(table, 'deblend_deblendedAsPsf');
  const [x0, y0, width, height] = ['child_x0', 'child_y0', 'child_width', 'child_height'].map((name) =>
    numberColumn(table, name),
  );
  const pixels = bytesColumnOrEmpty(table, 'child_pixels');
  return Array.from({ length: table.rows }, (_, i) => {
    if (blended[i] === 0) return undefined;
    const data = new Float32Array(width[i] * height[i]);
    const view = new DataView(pixels[i].buffer, pixels[i].byteOffset, pixels[i].byteLength);
    for (let k = 0; k < data.length; k++) data[k] = view.getFloat32(4 * k, true);
    return {
      x0: x0[i] - origin.x0,
      y0: y0[i] - origin.y0,
      width: width[i],
      height: height[i],
      data,
      peak: i,
      pointSource: point[i] !== 0,
    };
  });
}

/** A binary column; that of an empty table may have come back from disk as text. */
function bytesColumnOrEmpty(table: Table, name: string): Uint8Array[] {
  return table.rows === 0 ? [] : bytesColumn(table, name);
}
