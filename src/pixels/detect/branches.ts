// SPDX-License-Identifier: BSD-3-Clause
import { type Footprints, footprintArea, footprintBox } from './footprints.ts';

export interface BranchOptions {
  /** A branch needs this fraction of the object's flux above the saddle to be an object of its own (Source Extractor's DEBLEND_MINCONT). */
  minContrast?: number;
  /** … and this height of its peak above the saddle, in units of `sigma`. */
  minProminence?: number;
  /** … and this many pixels above the saddle. */
  minArea?: number;
  /** Noise of the image, for `minProminence`: a plane or one number. */
  sigma?: Float32Array | number;
}

/** What an object splits into: peaks, brightest first, and which branch owns each pixel. */
export interface Branches {
  /** Pixel positions of the peaks, in image indices. */
  peakX: number[];
  peakY: number[];
  peakValue: number[];
  /** Owner of every pixel of the object in span order: index into the peaks. */
  owner: Int32Array;
}

/**
 * Splits one object at its saddles: the tree of its intensity levels is climbed down from the brightest pixel, each local
 * maximum opens a branch, and where branches meet those that stand out enough become separate objects. It is the
 * multi-threshold deblending of Bertin & Arnouts 1996 (section 5) in the limit of infinitely many thresholds.
 * Pixels below the saddles go to the branch whose elliptical Gaussian predicts the most light there.
 *
 * @param image plane the object was detected in (filtered), of the given width
 */
export function splitBranches(
  image: Float32Array,
  width: number,
  f: Footprints,
  k: number,
  options: BranchOptions,
): Branches {
  const n = footprintArea(f, k);
  const box = footprintBox(f, k);
  const boxWidth = box.x1 - box.x0 + 2;
  // Position in the padded box -> number of the pixel; the pad saves bounds checks.
  const slot = new Int32Array(boxWidth * (box.y1 - box.y0 + 2)).fill(-1);
  const place = new Int32Array(n);
  const value = new Float32Array(n);
  let i = 0;
  for (let s = f.spanStart[k]; s < f.spanStart[k + 1]; s++) {
    const row = (f.spanY[s] - box.y0 + 1) * boxWidth - box.x0 + 1;
    const source = f.spanY[s] * width;
    for (let x = f.spanX[s]; x < f.spanEnd[s]; x++, i++) {
      slot[row + x] = i;
      place[i] = row + x;
      value[i] = image[source + x];
    }
  }
  const order = descending(value);
  const xOf = (p: number): number => (place[p] % boxWidth) - 1 + box.x0;
  const yOf = (p: number): number => Math.floor(place[p] / boxWidth) - 1 + box.y0;
  const neighbours = [-boxWidth - 1, -boxWidth, -boxWidth + 1, -1, 1, boxWidth - 1, boxWidth, boxWidth + 1];

  const minContrast = options.minContrast ?? 0;
  const minArea = options.minArea ?? 1;
  const sigma = options.sigma ?? 0;
  const minProminence = options.minProminence ?? 0;
  let totalFlux = 0;
  for (let p = 0; p < n; p++) totalFlux += value[p];
  const minFlux = minContrast * totalFlux;

  // Branch nodes, and pixel -> node through union-find; node pixel lists are linked so that joining is constant time.
  const nodeOfPixel = new Int32Array(n).fill(-1);
  const nodeParent: number[] = [];
  const nodePeak: number[] = [];
  const nodeFlux: number[] = [];
  const nodeCount: number[] = [];
  const nodeSplit: boolean[] = [];
  const nodeHead: number[] = [];
  const nodeTail: number[] = [];
  const nextPixel = new Int32Array(n).fill(-1);
  const owner = new Int32Array(n).fill(-1);
  const peaks: number[] = [];
  const find = (a: number): number => {
    while (nodeParent[a] !== a) a = nodeParent[a] = nodeParent[nodeParent[a]];
    return a;
  };
  const standsOut = (node: number, level: number): boolean => {
    if (nodeSplit[node]) return true;
    if (nodeCount[node] < minArea) return false;
    if (nodeFlux[node] - level * nodeCount[node] < minFlux) return false;
    const peak = nodePeak[node];
    const noise = typeof sigma === 'number' ? sigma : sigma[yOf(peak) * width + xOf(peak)];
    return value[peak] - level > minProminence * noise;
  };
  const makeObject = (node: number): void => {
    if (nodeSplit[node]) return;
    nodeSplit[node] = true;
    for (let p = nodeHead[node]; p >= 0; p = nextPixel[p]) owner[p] = peaks.length;
    peaks.push(nodePeak[node]);
  };
  const met: number[] = [];
  for (let o = 0; o < n; o++) {
    const p = order[o];
    met.length = 0;
    for (let d = 0; d < 8; d++) {
      const q = slot[place[p] + neighbours[d]];
      if (q < 0 || nodeOfPixel[q] < 0) continue;
      const root = find(nodeOfPixel[q]);
      if (!met.includes(root)) met.push(root);
    }
    let into: number;
    if (met.length === 0) {
      into = nodeParent.length;
      nodeParent.push(into);
      nodePeak.push(p);
      nodeFlux.push(0);
      nodeCount.push(0);
      nodeSplit.push(false);
      nodeHead.push(-1);
      nodeTail.push(-1);
    } else if (met.length === 1) into = met[0];
    else {
      const level = value[p];
      // Brightest first: it survives the join and is the first to become an object.
      met.sort((a, b) => value[nodePeak[b]] - value[nodePeak[a]]);
      const separate = met.filter((node) => standsOut(node, level));
      if (separate.length > 1) for (const node of separate) makeObject(node);
      into = met[0];
      for (let m = 1; m < met.length; m++) {
        const other = met[m];
        nodeParent[other] = into;
        nodeFlux[into] += nodeFlux[other];
        nodeCount[into] += nodeCount[other];
        nodeSplit[into] ||= nodeSplit[other];
        nextPixel[nodeTail[into]] = nodeHead[other];
        nodeTail[into] = nodeTail[other];
      }
    }
    nodeOfPixel[p] = into;
    nodeFlux[into] += value[p];
    nodeCount[into]++;
    if (nodeTail[into] >= 0) nextPixel[nodeTail[into]] = p;
    else nodeHead[into] = p;
    nodeTail[into] = p;
  }
  if (peaks.length === 0) {
    // One object; every pixel is its own (and it holds the brightest pixel).
    peaks.push(order[0]);
    owner.fill(0);
  } else assignWings(owner, peaks.length, n, value, xOf, yOf);
  return {
    peakX: peaks.map(xOf),
    peakY: peaks.map(yOf),
    peakValue: peaks.map((p) => value[p]),
    owner,
  };
}

/** Gives pixels without owner to the branch whose Gaussian (from the moments of its own pixels) is highest there. */
function assignWings(
  owner: Int32Array,
  branches: number,
  n: number,
  value: Float32Array,
  xOf: (p: number) => number,
  yOf: (p: number) => number,
): void {
  const sum = new Float64Array(branches);
  const mx = new Float64Array(branches);
  const my = new Float64Array(branches);
  const xx = new Float64Array(branches);
  const yy = new Float64Array(branches);
  const xy = new Float64Array(branches);
  for (let p = 0; p < n; p++) {
    const b = owner[p];
    if (b < 0) continue;
    const v = Math.max(0, value[p]);
    const x = xOf(p);
    const y = yOf(p);
    sum[b] += v;
    mx[b] += v * x;
    my[b] += v * y;
    xx[b] += v * x * x;
    yy[b] += v * y * y;
    xy[b] += v * x * y;
  }
  const cxx = new Float64Array(branches);
  const cyy = new Float64Array(branches);
  const cxy = new Float64Array(branches);
  const logAmplitude = new Float64Array(branches);
  for (let b = 0; b < branches; b++) {
    const s = Math.max(sum[b], 1e-30);
    mx[b] /= s;
    my[b] /= s;
    // At least the variance of one pixel's width, so that a branch of a few pixels still has an ellipse.
    const vx = Math.max(xx[b] / s - mx[b] * mx[b], 0) + 1 / 12;
    const vy = Math.max(yy[b] / s - my[b] * my[b], 0) + 1 / 12;
    const vxy = xy[b] / s - mx[b] * my[b];
    const det = Math.max(vx * vy - vxy * vxy, 1e-3 * vx * vy);
    cxx[b] = vy / det;
    cyy[b] = vx / det;
    cxy[b] = -vxy / det;
    logAmplitude[b] = Math.log(s / Math.sqrt(det));
  }
  for (let p = 0; p < n; p++) {
    if (owner[p] >= 0) continue;
    const x = xOf(p);
    const y = yOf(p);
    let best = Number.NEGATIVE_INFINITY;
    for (let b = 0; b < branches; b++) {
      const dx = x - mx[b];
      const dy = y - my[b];
      const score = logAmplitude[b] - 0.5 * (cxx[b] * dx * dx + cyy[b] * dy * dy + 2 * cxy[b] * dx * dy);
      if (score > best) {
        best = score;
        owner[p] = b;
      }
    }
  }
}

/** Indices that sort values from high to low; ties by index. Sorts packed numbers natively, without a comparator. */
function descending(value: Float32Array): Int32Array {
  const n = value.length;
  const bits = new Uint32Array(value.buffer, value.byteOffset, n);
  const indexBits = Math.max(1, Math.ceil(Math.log2(n + 1)));
  const indexSpan = 2 ** indexBits;
  // 53 bits hold a float32 key and 21 bits of index; a larger object loses low bits of the key, which only reorders near-ties.
  const drop = Math.max(0, indexBits - 21);
  const keys = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const u = bits[i];
    const ascending = u & 0x80000000 ? ~u >>> 0 : (u | 0x80000000) >>> 0;
    keys[i] = ((0xffffffff - ascending) >>> drop) * indexSpan + i;
  }
  keys.sort();
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) order[i] = keys[i] % indexSpan;
  return order;
}
