// SPDX-License-Identifier: BSD-3-Clause
import {
  bytesColumn,
  decodeSpans,
  encodeSpans,
  type Footprints,
  maskFootprints,
  type Table,
} from '../../pixels/index.ts';
import { decodePeaks } from '../coadd-sources.ts';

export interface BandDetections {
  band: string;
  table: Table;
}

interface MergedPeak {
  x: number;
  y: number;
  significance: number;
  bands: Set<string>;
}

/**
 * Detections of several bands as one list of objects: footprints are united; a peak of a later band is the same object as
 * an earlier one when it is nearer than `samePeakPx`, a new object when it is farther than `newPeakPx` from all, and is
 * dropped in between, where it could be either.
 *
 * @param detections in order of priority
 * @returns one row an object: id, parent (footprint), peak position, `merge_peak_<band>` flags; spans stand with the first object of each footprint
 */
export function mergeBandDetections(
  detections: readonly BandDetections[],
  options: { samePeakPx: number; newPeakPx: number; firstId: bigint },
): Table {
  const bands = detections.map(({ band }) => band);
  const spans = detections.map(({ table }) => (table.rows === 0 ? [] : bytesColumn(table, 'footprint_spans')));
  const { footprints, origin, label, width } = unite(spans);
  const peaks: MergedPeak[][] = Array.from({ length: footprints.count }, () => []);
  const bandsOf: Set<string>[] = Array.from({ length: footprints.count }, () => new Set());
  detections.forEach(({ band, table }) => {
    if (table.rows === 0) return;
    // Compare with what earlier bands gave: peaks of one band never merge with each other.
    const known = peaks.map((list) => list.slice());
    for (const bytes of bytesColumn(table, 'footprint_peaks'))
      for (const peak of decodePeaks(bytes)) {
        const k = label[(Math.round(peak.y) - origin.y0) * width + Math.round(peak.x) - origin.x0] - 1;
        bandsOf[k].add(band);
        let nearest: MergedPeak | undefined;
        let distance = Number.POSITIVE_INFINITY;
        for (const other of known[k]) {
          const d = Math.hypot(other.x - peak.x, other.y - peak.y);
          if (d < distance) [distance, nearest] = [d, other];
        }
        if (nearest !== undefined && distance < options.samePeakPx) {
          nearest.bands.add(band);
          nearest.significance = Math.max(nearest.significance, peak.significance);
        } else if (distance > options.newPeakPx) peaks[k].push({ ...peak, bands: new Set([band]) });
      }
  });
  const rows = peaks.flatMap((list, k) =>
    list.sort((a, b) => b.significance - a.significance).map((peak, i) => ({ peak, k, first: i === 0 })),
  );
  const flags = (has: (row: (typeof rows)[number], band: string) => boolean): [string, Uint8Array][] =>
    bands.map((band) => [band, Uint8Array.from(rows, (row) => (has(row, band) ? 1 : 0))]);
  const columns: Table['columns'] = {
    id: BigInt64Array.from(rows, (_, i) => options.firstId + BigInt(i)),
    parent: BigInt64Array.from(rows, ({ k }) => BigInt(k + 1)),
    peak_x: Float64Array.from(rows, ({ peak }) => peak.x),
    peak_y: Float64Array.from(rows, ({ peak }) => peak.y),
    peak_significance: Float32Array.from(rows, ({ peak }) => peak.significance),
    deblend_parentNPeaks: Int32Array.from(rows, ({ k }) => peaks[k].length),
    footprint_spans: rows.map(({ k, first }) =>
      first ? encodeSpans(footprints, k, origin.x0, origin.y0) : new Uint8Array(0),
    ),
  };
  for (const [band, flag] of flags(({ peak }, b) => peak.bands.has(b))) columns[`merge_peak_${band}`] = flag;
  for (const [band, flag] of flags(({ k }, b) => bandsOf[k].has(b))) columns[`merge_footprint_${band}`] = flag;
  return { rows: rows.length, columns, units: { peak_x: 'pixel', peak_y: 'pixel' } };
}

/** The union of footprints as connected regions, with a label image over their common box. */
function unite(spans: readonly (readonly Uint8Array[])[]): {
  footprints: Footprints;
  origin: { x0: number; y0: number };
  label: Int32Array;
  width: number;
} {
  const all = decodeSpans(spans.flat());
  let [x0, y0, x1, y1] = [0, 0, 0, 0];
  for (let s = 0; s < all.spanStart[all.count]; s++) {
    if (s === 0) [x0, y0, x1, y1] = [all.spanX[0], all.spanY[0], all.spanEnd[0], all.spanY[0] + 1];
    x0 = Math.min(x0, all.spanX[s]);
    x1 = Math.max(x1, all.spanEnd[s]);
    y0 = Math.min(y0, all.spanY[s]);
    y1 = Math.max(y1, all.spanY[s] + 1);
  }
  const width = x1 - x0;
  const height = y1 - y0;
  const plane = new Int32Array(width * height);
  for (let s = 0; s < all.spanStart[all.count]; s++) {
    const row = (all.spanY[s] - y0) * width - x0;
    plane.fill(1, row + all.spanX[s], row + all.spanEnd[s]);
  }
  const footprints = maskFootprints(plane, width, height, 1);
  for (let k = 0; k < footprints.count; k++)
    for (let s = footprints.spanStart[k]; s < footprints.spanStart[k + 1]; s++) {
      const row = footprints.spanY[s] * width;
      plane.fill(k + 1, row + footprints.spanX[s], row + footprints.spanEnd[s]);
    }
  return { footprints, origin: { x0, y0 }, label: plane, width };
}
