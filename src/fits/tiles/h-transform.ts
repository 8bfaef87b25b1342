// SPDX-License-Identifier: BSD-3-Clause

/**
 * Inverse H-transform in place (R. L. White 1992): `a` has `nx` rows of `ny` coefficients, which become samples. Each level doubles
 * the resolution: interleave the four bands, then turn every 2 x 2 block (sum, x, y and cross difference) into four samples.
 * Coefficients were rounded to multiples of powers of two when written; the lost low bits follow from the parity of the others.
 * Arithmetic is in float64: exact for the up to 45 bits that 32-bit samples need.
 */
export function inverseTransform(a: Float64Array, nx: number, ny: number): void {
  const levels = Math.ceil(Math.log2(Math.max(nx, ny)));
  if (levels === 0) return;
  const scratch = new Float64Array(Math.max(nx, ny));
  let unit = 2 ** (levels - 1);
  a[0] = toMultiple(a[0], unit * 4);
  for (let level = levels - 1; level >= 0; level--) {
    const rows = Math.ceil(nx / 2 ** level);
    const columns = Math.ceil(ny / 2 ** level);
    for (let i = 0; i < rows; i++) interleave(a, i * ny, 1, columns, scratch);
    for (let j = 0; j < columns; j++) interleave(a, j, ny, rows, scratch);
    expandLevel(a, ny, rows, columns, unit, level === 0 ? 4 : 2);
    unit /= 2;
  }
}

function expandLevel(
  a: Float64Array,
  stride: number,
  rows: number,
  columns: number,
  unit: number,
  divisor: number,
): void {
  const twice = unit * 2;
  const evenRows = rows - (rows % 2);
  const evenColumns = columns - (columns % 2);
  for (let i = 0; i < evenRows; i += 2) {
    const top = i * stride;
    const bottom = top + stride;
    for (let j = 0; j < evenColumns; j += 2) {
      let sum = a[top + j];
      let dx = toMultiple(a[bottom + j], twice);
      let dy = toMultiple(a[top + j + 1], twice);
      const cross = toMultiple(a[bottom + j + 1], unit);
      const low = bitAt(cross, unit) * unit;
      dx -= dx >= 0 ? low : -low;
      dy -= dy >= 0 ? low : -low;
      const odd = (bitAt(cross, twice) ^ bitAt(dx, twice) ^ bitAt(dy, twice)) * twice;
      if (sum >= 0) sum += low - odd;
      else sum += low === 0 ? odd : low - odd;
      a[bottom + j + 1] = Math.floor((sum + dx + dy + cross) / divisor);
      a[bottom + j] = Math.floor((sum + dx - dy - cross) / divisor);
      a[top + j + 1] = Math.floor((sum - dx + dy - cross) / divisor);
      a[top + j] = Math.floor((sum - dx - dy + cross) / divisor);
    }
    if (evenColumns < columns) expandPair(a, top + evenColumns, bottom + evenColumns, twice, divisor);
  }
  if (evenRows === rows) return;
  const row = evenRows * stride;
  for (let j = 0; j < evenColumns; j += 2) expandPair(a, row + j, row + j + 1, twice, divisor);
  if (evenColumns < columns) a[row + evenColumns] = Math.floor(a[row + evenColumns] / divisor);
}

/** At an odd edge: a sum and one difference become two samples. */
function expandPair(a: Float64Array, first: number, second: number, twice: number, divisor: number): void {
  const difference = toMultiple(a[second], twice);
  const odd = bitAt(difference, twice) * twice;
  const sum = a[first] >= 0 ? a[first] - odd : a[first] + odd;
  a[second] = Math.floor((sum + difference) / divisor);
  a[first] = Math.floor((sum - difference) / divisor);
}

/** Rounds to a multiple of a power of two, halves away from zero. */
function toMultiple(value: number, unit: number): number {
  const half = Math.floor(unit / 2);
  return Math.floor((value + (value >= 0 ? half : Math.max(half - 1, 0))) / unit) * unit;
}

/** The bit of weight `unit` in two's complement. */
function bitAt(value: number, unit: number): number {
  const quotient = Math.floor(value / unit);
  return quotient - 2 * Math.floor(quotient / 2);
}

/** Puts the first half of `n` elements at even places and the second half at odd ones. */
function interleave(a: Float64Array, at: number, stride: number, n: number, scratch: Float64Array): void {
  const half = (n + 1) >> 1;
  for (let i = 0; i < n; i++) scratch[i] = a[at + i * stride];
  for (let i = 0; i < half; i++) a[at + 2 * i * stride] = scratch[i];
  for (let i = half; i < n; i++) a[at + (2 * (i - half) + 1) * stride] = scratch[i];
}
