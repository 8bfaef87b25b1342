// SPDX-License-Identifier: BSD-3-Clause

/** Sorted, disjoint, non-touching half-open ranges [begin, end) of pixel numbers. */
export type PixelRanges = readonly (readonly [begin: number, end: number])[];

/** Collects pixels and ranges in any order. */
export class RangeBuilder {
  private readonly parts: [number, number][] = [];

  add(begin: number, end = begin + 1): void {
    const last = this.parts[this.parts.length - 1];
    if (last !== undefined && begin >= last[0] && begin <= last[1]) last[1] = Math.max(last[1], end);
    else if (end > begin) this.parts.push([begin, end]);
  }

  build(): PixelRanges {
    return normalizeRanges(this.parts);
  }
}

/** Sorts and merges. */
export function normalizeRanges(parts: Iterable<readonly [number, number]>): PixelRanges {
  const sorted = [...parts].filter(([begin, end]) => end > begin).sort((a, b) => a[0] - b[0]);
  const out: [number, number][] = [];
  for (const [begin, end] of sorted) {
    const last = out[out.length - 1];
    if (last !== undefined && begin <= last[1]) last[1] = Math.max(last[1], end);
    else out.push([begin, end]);
  }
  return out;
}

/** Ranges of single pixels. */
export function rangesOfPixels(pixels: Iterable<number>): PixelRanges {
  return normalizeRanges(Array.from(pixels, (p) => [p, p + 1] as const));
}

/** Sweeps both sets and keeps what `keep` says of (in a, in b). */
function combine(a: PixelRanges, b: PixelRanges, keep: (inA: boolean, inB: boolean) => boolean): PixelRanges {
  const edges = [...new Set([...a.flat(), ...b.flat()])].sort((p, q) => p - q);
  const out: [number, number][] = [];
  let i = 0;
  let j = 0;
  for (let e = 0; e + 1 < edges.length; e++) {
    const [begin, end] = [edges[e], edges[e + 1]];
    while (i < a.length && a[i][1] <= begin) i++;
    while (j < b.length && b[j][1] <= begin) j++;
    if (keep(i < a.length && a[i][0] <= begin, j < b.length && b[j][0] <= begin)) out.push([begin, end]);
  }
  return normalizeRanges(out);
}

export function unionRanges(a: PixelRanges, b: PixelRanges): PixelRanges {
  return combine(a, b, (p, q) => p || q);
}
export function intersectRanges(a: PixelRanges, b: PixelRanges): PixelRanges {
  return combine(a, b, (p, q) => p && q);
}
export function subtractRanges(a: PixelRanges, b: PixelRanges): PixelRanges {
  return combine(a, b, (p, q) => p && !q);
}
export function xorRanges(a: PixelRanges, b: PixelRanges): PixelRanges {
  return combine(a, b, (p, q) => p !== q);
}

/** Each pixel becomes `factor` pixels: the same set some levels down. */
export function scaleRanges(ranges: PixelRanges, factor: number): PixelRanges {
  return ranges.map(([begin, end]) => [begin * factor, end * factor]);
}

/** Widened to multiples of 2^bits: the smallest set of whole coarse pixels that holds it. */
export function simplifyRanges(ranges: PixelRanges, bits: number): PixelRanges {
  const size = 2 ** bits;
  return normalizeRanges(ranges.map(([b, e]) => [Math.floor(b / size) * size, Math.ceil(e / size) * size] as const));
}

export function rangesContain(ranges: PixelRanges, pixel: number): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle][1] <= pixel) low = middle + 1;
    else high = middle;
  }
  return low < ranges.length && ranges[low][0] <= pixel;
}

/** Number of pixels. */
export function rangesSize(ranges: PixelRanges): number {
  return ranges.reduce((sum, [begin, end]) => sum + end - begin, 0);
}

export function* pixelsOfRanges(ranges: PixelRanges): Generator<number> {
  for (const [begin, end] of ranges) for (let p = begin; p < end; p++) yield p;
}
