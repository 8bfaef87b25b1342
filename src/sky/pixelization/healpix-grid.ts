// SPDX-License-Identifier: BSD-3-Clause
import type { UnitVector } from '../angles.ts';

/**
 * Geometry of HEALPix (Gorski et al. 2005, ApJ 622, 759): twelve faces, on each a square grid of 2^order x 2^order
 * cells; x runs to the north-east, y to the north-west. Nested numbers interleave the bits of x and y.
 */
export interface HealpixCell {
  face: number;
  x: number;
  y: number;
}

/** Ring (in units of the face side) and longitude (in units of 45 degrees) of each face's southern corner line. */
const RING = [2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4];
const LON = [1, 3, 5, 7, 0, 2, 4, 6, 1, 3, 5, 7];

/** Cell that holds a direction. Order at most 29. */
export function cellOf(order: number, v: UnitVector): HealpixCell {
  const nside = 2 ** order;
  const [vx, vy, vz] = v;
  const length = Math.hypot(vx, vy, vz);
  const z = vz / length;
  const za = Math.abs(z);
  let tt = vx === 0 && vy === 0 ? 0 : Math.atan2(vy, vx) / (Math.PI / 2);
  if (tt < 0) tt += 4;
  if (tt >= 4) tt -= 4;
  if (za <= 2 / 3) {
    const along = nside * (0.5 + tt);
    const across = nside * z * 0.75;
    const jp = Math.floor(along - across);
    const jm = Math.floor(along + across);
    const fp = Math.floor(jp / nside);
    const fm = Math.floor(jm / nside);
    const face = fp === fm ? (fp % 4) + 4 : fp < fm ? fp % 4 : (fm % 4) + 8;
    return { face, x: jm - fm * nside, y: nside - (jp - fp * nside) - 1 };
  }
  const quadrant = Math.min(3, Math.floor(tt));
  const tp = tt - quadrant;
  // Near the poles sqrt(3 (1 - |z|)) loses its digits; the sine of the colatitude keeps them.
  const reach = nside * (za < 0.99 ? Math.sqrt(3 * (1 - za)) : Math.hypot(vx, vy) / length / Math.sqrt((1 + za) / 3));
  const jp = Math.min(nside - 1, Math.floor(tp * reach));
  const jm = Math.min(nside - 1, Math.floor((1 - tp) * reach));
  return z >= 0 ? { face: quadrant, x: nside - jm - 1, y: nside - jp - 1 } : { face: quadrant + 8, x: jp, y: jm };
}

/** Direction of a point on a face, (s, t) in [0, 1]. */
export function faceToVector(face: number, s: number, t: number): UnitVector {
  const ring = RING[face] - s - t;
  let nr = 1;
  let z: number;
  let sinTheta: number;
  if (ring < 1 || ring > 3) {
    nr = ring < 1 ? ring : 4 - ring;
    const d = (nr * nr) / 3;
    z = ring < 1 ? 1 - d : d - 1;
    sinTheta = Math.sqrt(d * (2 - d));
  } else {
    z = ((2 - ring) * 2) / 3;
    sinTheta = Math.sqrt((1 - z) * (1 + z));
  }
  let lon = LON[face] * nr + s - t;
  if (lon < 0) lon += 8;
  const phi = nr < 1e-15 ? 0 : ((Math.PI / 4) * lon) / nr;
  return [sinTheta * Math.cos(phi), sinTheta * Math.sin(phi), z];
}

export function cellCenter(order: number, cell: HealpixCell): UnitVector {
  const nside = 2 ** order;
  return faceToVector(cell.face, (cell.x + 0.5) / nside, (cell.y + 0.5) / nside);
}

/** Largest distance of a cell's centre from its corners at an order, radians. */
export function largestCellRadius(order: number): number {
  const nside = 2 ** order;
  const edge = vectorOfZPhi(2 / 3, Math.PI / (4 * nside));
  const t = 1 - 1 / nside;
  const corner = vectorOfZPhi(1 - (t * t) / 3, 0);
  const [x, y, z] = [
    edge[1] * corner[2] - edge[2] * corner[1],
    edge[2] * corner[0] - edge[0] * corner[2],
    edge[0] * corner[1] - edge[1] * corner[0],
  ];
  return Math.atan2(Math.hypot(x, y, z), edge[0] * corner[0] + edge[1] * corner[1] + edge[2] * corner[2]);
}

function vectorOfZPhi(z: number, phi: number): UnitVector {
  const s = Math.sqrt((1 - z) * (1 + z));
  return [s * Math.cos(phi), s * Math.sin(phi), z];
}

/** Bits of a number below 2^12 spread to the even places. */
function spread12(v: number): number {
  let b = v & 0xfff;
  b = (b | (b << 8)) & 0x00ff00ff;
  b = (b | (b << 4)) & 0x0f0f0f0f;
  b = (b | (b << 2)) & 0x33333333;
  return (b | (b << 1)) & 0x55555555;
}
function gather12(v: number): number {
  let b = v & 0x55555555;
  b = (b | (b >> 1)) & 0x33333333;
  b = (b | (b >> 2)) & 0x0f0f0f0f;
  b = (b | (b >> 4)) & 0x00ff00ff;
  return (b | (b >> 8)) & 0xfff;
}

/** Interleaves x (even bits) and y (odd bits); both below 2^24, so that the result is an exact double. */
export function interleave(x: number, y: number): number {
  const low = spread12(x) | (spread12(y) << 1);
  const high = spread12(x >> 12) | (spread12(y >> 12) << 1);
  return high * 0x1000000 + low;
}
export function deinterleave(m: number): { x: number; y: number } {
  const high = Math.floor(m / 0x1000000);
  const low = m - high * 0x1000000;
  return { x: gather12(low) | (gather12(high) << 12), y: gather12(low >> 1) | (gather12(high >> 1) << 12) };
}

export function nestedIndex(order: number, cell: HealpixCell): number {
  return cell.face * 4 ** order + interleave(cell.x, cell.y);
}
export function nestedCell(order: number, index: number): HealpixCell {
  const size = 4 ** order;
  const face = Math.floor(index / size);
  return { face, ...deinterleave(index - face * size) };
}

/**
 * Neighbour of a cell one step along x and/or y (steps -1, 0, 1), over face borders; undefined at the eight points
 * where only three faces meet.
 */
export function neighbor(order: number, cell: HealpixCell, dx: number, dy: number): HealpixCell | undefined {
  const last = 2 ** order - 1;
  const x = cell.x + dx;
  const y = cell.y + dy;
  const ox = x < 0 ? -1 : x > last ? 1 : 0;
  const oy = y < 0 ? -1 : y > last ? 1 : 0;
  if (ox === 0 && oy === 0) return { face: cell.face, x, y };
  const k = cell.face % 4;
  const [next, opposite, previous] = [(k + 1) % 4, (k + 2) % 4, (k + 3) % 4];
  if (cell.face < 4) {
    if (ox === 1 && oy === 1) return { face: opposite, x: last, y: last };
    if (ox === -1 && oy === -1) return { face: 8 + k, x: last, y: last };
    if (ox !== 0 && oy !== 0) return undefined;
    if (ox === 1) return { face: next, x: y, y: last };
    if (oy === 1) return { face: previous, x: last, y: x };
    return ox === -1 ? { face: 4 + k, x: last, y } : { face: 4 + next, x, y: last };
  }
  if (cell.face < 8) {
    if (ox !== 0 && ox === oy) return undefined;
    if (ox === 1 && oy === -1) return { face: 4 + next, x: 0, y: last };
    if (ox === -1 && oy === 1) return { face: 4 + previous, x: last, y: 0 };
    if (ox === 1) return { face: k, x: 0, y };
    if (oy === 1) return { face: previous, x, y: 0 };
    return ox === -1 ? { face: 8 + previous, x: last, y } : { face: 8 + k, x, y: last };
  }
  if (ox === 1 && oy === 1) return { face: k, x: 0, y: 0 };
  if (ox === -1 && oy === -1) return { face: 8 + opposite, x: 0, y: 0 };
  if (ox !== 0 && oy !== 0) return undefined;
  if (ox === 1) return { face: 4 + next, x: 0, y };
  if (oy === 1) return { face: 4 + k, x, y: 0 };
  return ox === -1 ? { face: 8 + previous, x: y, y: 0 } : { face: 8 + next, x: 0, y: x };
}

/** Ring number of a nested pixel: rings from north to south, each from longitude 0 eastwards. Order at most 24. */
export function nestedToRing(order: number, index: number): number {
  const nside = 2 ** order;
  const { face, x, y } = nestedCell(order, index);
  const ring = RING[face] * nside - x - y - 1;
  const inCap = ring < nside ? ring : ring > 3 * nside ? 4 * nside - ring : nside;
  const before = pixelsBeforeRing(nside, ring);
  // Half steps of longitude: rings of the belt are shifted by half a pixel every second time.
  const shifted = ring < nside || ring > 3 * nside ? 0 : (ring - nside) & 1;
  const place = (LON[face] * inCap + x - y + 1 + shifted) / 2;
  const within = (((place - 1) % (4 * inCap)) + 4 * inCap) % (4 * inCap);
  return before + within;
}

/** Nested number of a ring pixel. Order at most 24. */
export function ringToNested(order: number, pixel: number): number {
  const nside = 2 ** order;
  let low = 1;
  let high = 4 * nside - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (pixelsBeforeRing(nside, middle) <= pixel) low = middle;
    else high = middle - 1;
  }
  const ring = low;
  const inCap = ring < nside ? ring : ring > 3 * nside ? 4 * nside - ring : nside;
  const within = pixel - pixelsBeforeRing(nside, ring);
  const shifted = ring < nside || ring > 3 * nside ? 0.5 : ((ring - nside) & 1) === 0 ? 0.5 : 0;
  const phi = ((within + shifted) / inCap) * (Math.PI / 2);
  let z: number;
  if (ring < nside) z = 1 - (ring * ring) / (3 * nside * nside);
  else if (ring > 3 * nside) z = -1 + (inCap * inCap) / (3 * nside * nside);
  else z = (2 / 3) * (2 - ring / nside);
  return nestedIndex(order, cellOf(order, vectorOfZPhi(z, phi)));
}

function pixelsBeforeRing(nside: number, ring: number): number {
  if (ring <= nside) return 2 * ring * (ring - 1);
  if (ring <= 3 * nside) return 2 * nside * (nside - 1) + 4 * nside * (ring - nside);
  const left = 4 * nside - ring;
  return 12 * nside * nside - 2 * left * (left + 1);
}
