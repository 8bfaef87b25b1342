// SPDX-License-Identifier: BSD-3-Clause
/**
 * Rice coding of integer tiles as FITS standard 4.0, section 10.4.1 describes it: differences of neighbouring samples, folded to
 * unsigned, in blocks which each choose how many low bits are written plainly; the rest is unary.
 */

export type RiceSampleBytes = 1 | 2 | 4;

interface Parameters {
  /** Bits of the code that names a block's split. */
  codeBits: number;
  /** Split value from which on the samples are written plainly. */
  plainSplit: number;
  sampleBits: number;
}

function parametersOf(sampleBytes: RiceSampleBytes): Parameters {
  if (sampleBytes === 1) return { codeBits: 3, plainSplit: 6, sampleBits: 8 };
  if (sampleBytes === 2) return { codeBits: 4, plainSplit: 14, sampleBits: 16 };
  return { codeBits: 5, plainSplit: 25, sampleBits: 32 };
}

/** Decodes `n` samples into `out[0…n)`. One-byte samples are unsigned, wider ones signed. Throws a plain Error when the stream ends early. */
export function riceDecode(
  bytes: Uint8Array,
  n: number,
  blockSize: number,
  sampleBytes: RiceSampleBytes,
  out: Int32Array,
): void {
  const { codeBits, plainSplit, sampleBits } = parametersOf(sampleBytes);
  const size = bytes.length;
  if (size < sampleBytes) throw new Error('it is shorter than one sample');
  const drop = 32 - sampleBits;
  let last = 0;
  for (let i = 0; i < sampleBytes; i++) last = (last << 8) | bytes[i];
  let at: number = sampleBytes;
  // The window: its `have` top bits are the next bits of the stream, the others are zero.
  let window = 0;
  let have = 0;
  for (let block = 0; block < n; block += blockSize) {
    const end = Math.min(block + blockSize, n);
    while (have <= 24 && at < size) {
      window |= bytes[at++] << (24 - have);
      have += 8;
    }
    if (have < codeBits) throw new Error(`it ends before sample ${block} of ${n}`);
    const split = (window >>> (32 - codeBits)) - 1;
    window <<= codeBits;
    have -= codeBits;
    if (split < 0) {
      const value = sampleBytes === 1 ? last & 0xff : (last << drop) >> drop;
      for (let i = block; i < end; i++) out[i] = value;
    } else if (split >= plainSplit) {
      if (split > plainSplit) throw new Error(`the code of the block at sample ${block} is out of range`);
      for (let i = block; i < end; i++) {
        let folded = 0;
        for (let bits = sampleBits; bits > 0; bits -= 8) {
          while (have <= 24 && at < size) {
            window |= bytes[at++] << (24 - have);
            have += 8;
          }
          if (have < 8) throw new Error(`it ends before sample ${i} of ${n}`);
          folded = (folded << 8) | (window >>> 24);
          window <<= 8;
          have -= 8;
        }
        last += folded & 1 ? ~(folded >>> 1) : folded >>> 1;
        last = sampleBytes === 1 ? last & 0xff : (last << drop) >> drop;
        out[i] = last;
      }
    } else {
      const low = 32 - split;
      for (let i = block; i < end; i++) {
        let zeros = 0;
        while (window === 0) {
          zeros += have;
          have = 0;
          if (at >= size) throw new Error(`it ends before sample ${i} of ${n}`);
          while (have <= 24 && at < size) {
            window |= bytes[at++] << (24 - have);
            have += 8;
          }
        }
        const run = Math.clz32(window);
        zeros += run;
        window = (window << run) << 1;
        have -= run + 1;
        let folded = zeros;
        if (split > 0) {
          if (have < split) {
            while (have <= 24 && at < size) {
              window |= bytes[at++] << (24 - have);
              have += 8;
            }
            if (have < split) throw new Error(`it ends before sample ${i} of ${n}`);
          }
          folded = (zeros << split) | (window >>> low);
          window <<= split;
          have -= split;
        }
        last += folded & 1 ? ~(folded >>> 1) : folded >>> 1;
        last = sampleBytes === 1 ? last & 0xff : (last << drop) >> drop;
        out[i] = last;
      }
    }
  }
}

/** Upper bound of the bytes that `n` samples take. */
export function riceBound(n: number, blockSize: number, sampleBytes: RiceSampleBytes): number {
  return sampleBytes + n * sampleBytes + Math.ceil(n / blockSize) + 16;
}

/** Encodes `n` samples; returns the number of bytes put into `out` (see {@link riceBound}). */
export function riceEncode(
  samples: ArrayLike<number>,
  n: number,
  blockSize: number,
  sampleBytes: RiceSampleBytes,
  out: Uint8Array,
): number {
  const { codeBits, plainSplit, sampleBits } = parametersOf(sampleBytes);
  const drop = 32 - sampleBits;
  const folded = new Uint32Array(blockSize);
  let at = 0;
  let window = 0;
  let have = 0;
  const put = (value: number, bits: number): void => {
    // At most 24 bits at a time keep the window within 32.
    window = (window << bits) | value;
    have += bits;
    while (have >= 8) {
      have -= 8;
      out[at++] = window >>> have;
    }
    window &= (1 << have) - 1;
  };
  for (let shift = sampleBits - 8; shift >= 0; shift -= 8) put((samples[0] >>> shift) & 0xff, 8);
  let last = samples[0];
  for (let block = 0; block < n; block += blockSize) {
    const count = Math.min(blockSize, n - block);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const value = samples[block + i];
      const difference = ((value - last) << drop) >> drop;
      last = value;
      const unsigned = ((difference << 1) ^ (difference >> 31)) >>> 0;
      folded[i] = unsigned;
      sum += unsigned;
    }
    if (sum === 0) {
      put(0, codeBits);
      continue;
    }
    const split = bestSplit(folded, count, sum, plainSplit);
    put(split + 1, codeBits);
    for (let i = 0; i < count; i++) {
      const value = folded[i];
      if (split === plainSplit) {
        for (let shift = sampleBits - 8; shift >= 0; shift -= 8) put((value >>> shift) & 0xff, 8);
        continue;
      }
      let zeros = value >>> split;
      for (; zeros > 16; zeros -= 16) put(0, 16);
      put(1, zeros + 1);
      if (split > 16) {
        put((value >>> 16) & ((1 << (split - 16)) - 1), split - 16);
        put(value & 0xffff, 16);
      } else if (split > 0) put(value & ((1 << split) - 1), split);
    }
  }
  if (have > 0) put(0, 8 - have);
  return at;
}

/** The split with the fewest bits: the cost falls, then rises, so the search starts at log2 of the mean and walks. */
function bestSplit(folded: Uint32Array, count: number, sum: number, plainSplit: number): number {
  const cost = (split: number): number => {
    let bits = count * (split + 1);
    for (let i = 0; i < count; i++) bits += folded[i] >>> split;
    return bits;
  };
  const start = Math.max(0, 31 - Math.clz32(sum / count));
  if (start >= plainSplit) return plainSplit;
  let best = start;
  let bestCost = cost(best);
  if (best > 0) {
    const lower = cost(best - 1);
    if (lower < bestCost) {
      best--;
      bestCost = lower;
    }
  }
  if (best === start && start + 1 < plainSplit && cost(start + 1) < bestCost) best = start + 1;
  const plainBits = plainSplit === 6 ? 8 : plainSplit === 14 ? 16 : 32;
  return Math.min(bestCost, cost(best)) >= count * plainBits ? plainSplit : best;
}
