// SPDX-License-Identifier: BSD-3-Clause
/**
 * HCOMPRESS_1 (FITS standard 4.0, section 10.4.4; R. L. White, "High-Performance Compression of Astronomical Images", 1992): a two-dimensional
 * Haar-like transform whose coefficients are written by bit planes, each plane as a quadtree of Huffman-coded 2 x 2 blocks.
 * The optional smoothing of lossily compressed images is not applied: it is cosmetic and the standard leaves it to the reader.
 */
import { inverseTransform } from './h-transform.ts';

/** Decodes a tile of `height` rows of `width` samples into `out`. Throws a plain Error when the stream is damaged. */
export function hcompressDecode(bytes: Uint8Array, width: number, height: number, out: Int32Array): void {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 25 || header.getUint16(0) !== 0xdd99) throw new Error('it does not begin with the code 0xDD99');
  const nx = header.getInt32(2); // rows
  const ny = header.getInt32(6); // samples a row
  if (nx !== height || ny !== width) throw new Error(`it is ${ny} x ${nx} where ${width} x ${height} is wanted`);
  const scale = header.getInt32(10);
  const sum = Number(header.getBigInt64(14));
  const bits = new BitReader(bytes, 25);
  const planes = [bytes[22], bytes[23], bytes[24]];
  if (planes.some((count) => count > 50)) throw new Error('it has too many bit planes');
  const a = new Float64Array(nx * ny);
  const nx2 = (nx + 1) >> 1;
  const ny2 = (ny + 1) >> 1;
  decodeQuadrant(bits, a, 0, ny, nx2, ny2, planes[0]);
  decodeQuadrant(bits, a, ny2, ny, nx2, ny >> 1, planes[1]);
  decodeQuadrant(bits, a, ny * nx2, ny, nx >> 1, ny2, planes[1]);
  decodeQuadrant(bits, a, ny * nx2 + ny2, ny, nx >> 1, ny >> 1, planes[2]);
  if (bits.take(4) !== 0) throw new Error('the end of its bit planes is not where it must be');
  bits.align();
  for (let i = 0; i < a.length; i++) if (a[i] !== 0 && bits.take(1) === 1) a[i] = -a[i];
  a[0] = sum;
  if (scale > 1) for (let i = 0; i < a.length; i++) a[i] *= scale;
  inverseTransform(a, nx, ny);
  out.set(a);
}

/** Adds the bit planes of one quadrant (nqx rows of nqy) to the array at `at`. */
function decodeQuadrant(
  bits: BitReader,
  a: Float64Array,
  at: number,
  stride: number,
  nqx: number,
  nqy: number,
  planes: number,
): void {
  const levels = Math.ceil(Math.log2(Math.max(nqx, nqy, 1)));
  const blocks = ((nqx + 1) >> 1) * ((nqy + 1) >> 1);
  for (let plane = planes - 1; plane >= 0; plane--) {
    const code = bits.take(4);
    let nodes: Uint8Array;
    if (code === 0) {
      nodes = new Uint8Array(blocks);
      for (let i = 0; i < blocks; i++) nodes[i] = bits.take(4);
    } else if (code === 15) {
      nodes = decodeQuadtree(bits, nqx, nqy, levels);
    } else throw new Error(`it has the unknown plane code ${code}`);
    insertPlane(nodes, a, at, stride, nqx, nqy, 2 ** plane);
  }
}

/** The 4-bit leaves (one a 2 x 2 block) of a quadtree that is written from its root down. */
function decodeQuadtree(bits: BitReader, nqx: number, nqy: number, levels: number): Uint8Array {
  let nodes = Uint8Array.of(bits.huffman());
  for (let level = levels - 1; level >= 1; level--) {
    const nx = Math.ceil(nqx / 2 ** level);
    const ny = Math.ceil(nqy / 2 ** level);
    const parentRow = (ny + 1) >> 1;
    const children = new Uint8Array(nx * ny);
    for (let i = 0; i < nx; i++)
      for (let j = 0; j < ny; j++)
        children[i * ny + j] = (nodes[(i >> 1) * parentRow + (j >> 1)] >> (3 - 2 * (i & 1) - (j & 1))) & 1;
    for (let i = children.length - 1; i >= 0; i--) if (children[i] !== 0) children[i] = bits.huffman();
    nodes = children;
  }
  return nodes;
}

function insertPlane(
  nodes: Uint8Array,
  a: Float64Array,
  at: number,
  stride: number,
  nqx: number,
  nqy: number,
  weight: number,
): void {
  const row = (nqy + 1) >> 1;
  for (let i = 0; i < nqx; i++)
    for (let j = 0; j < nqy; j++)
      if ((nodes[(i >> 1) * row + (j >> 1)] >> (3 - 2 * (i & 1) - (j & 1))) & 1) a[at + i * stride + j] += weight;
}

class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #window = 0;
  #have = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  take(count: number): number {
    while (this.#have < count) {
      if (this.#at >= this.#bytes.length) throw new Error('it ends too early');
      this.#window = ((this.#window << 8) | this.#bytes[this.#at++]) & 0xffff;
      this.#have += 8;
    }
    this.#have -= count;
    return (this.#window >> this.#have) & ((1 << count) - 1);
  }

  /** Goes to the next byte. */
  align(): void {
    this.#have = 0;
  }

  /** The fixed code of White (1992) for 4-bit blocks. */
  huffman(): number {
    let code = this.take(3);
    if (code < 4) return 1 << code;
    code = (code << 1) | this.take(1);
    if (code < 13) return [3, 5, 10, 12, 15][code - 8];
    code = (code << 1) | this.take(1);
    if (code < 31) return [6, 7, 9, 11, 13][code - 26];
    return this.take(1) === 0 ? 0 : 14;
  }
}
