// SPDX-License-Identifier: BSD-3-Clause
/** PostgreSQL cuts longer identifiers off, MariaDB refuses those above 64. */
const longestIdentifier = 63;
const digestBytes = 4;

/**
 * A name as the Gen3 schema writes it: one that is too long keeps its beginning, and a digest of the whole (BLAKE2b of four
 * bytes, RFC 7693) takes the place of the rest. Migrations find constraints and indexes by these names.
 */
export function shorten(name: string): string {
  if (name.length <= longestIdentifier) return name;
  const kept = name.slice(0, longestIdentifier - 2 * digestBytes - 1);
  return `${kept}_${blake2b(new TextEncoder().encode(name), digestBytes)}`;
}

const mask = (1n << 64n) - 1n;
/** Fractional parts of the square roots of the first eight primes, as in SHA-512. */
const start = [
  0x6a09e667f3bcc908n,
  0xbb67ae8584caa73bn,
  0x3c6ef372fe94f82bn,
  0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n,
  0x9b05688c2b3e6c1fn,
  0x1f83d9abfb41bd6bn,
  0x5be0cd19137e2179n,
];
/** Order of the message words in each round (RFC 7693, 2.7); rounds 10 and 11 repeat the first two. */
const order = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];
/** Which four words each step mixes: columns, then diagonals. */
const quarters = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
];
const blockBytes = 128;

/** BLAKE2b without a key, of any length of digest (the platform's own has 64 bytes only), in hexadecimal. Made for names, not for speed. */
function blake2b(input: Uint8Array, bytes: number): string {
  const state = [...start];
  state[0] ^= 0x01010000n ^ BigInt(bytes);
  const blocks = Math.max(1, Math.ceil(input.length / blockBytes));
  for (let i = 0; i < blocks; i++) {
    const block = new Uint8Array(blockBytes);
    block.set(input.subarray(i * blockBytes, (i + 1) * blockBytes));
    const last = i === blocks - 1;
    compress(state, new DataView(block.buffer), BigInt(last ? input.length : (i + 1) * blockBytes), last);
  }
  const out = new DataView(new ArrayBuffer(64));
  for (const [i, word] of state.entries()) out.setBigUint64(8 * i, word, true);
  return Buffer.from(out.buffer, 0, bytes).toString('hex');
}

function compress(state: bigint[], block: DataView, counter: bigint, last: boolean): void {
  const words = Array.from({ length: 16 }, (_, i) => block.getBigUint64(8 * i, true));
  const v = [...state, ...start];
  v[12] ^= counter;
  if (last) v[14] ^= mask;
  const turn = (x: bigint, bits: bigint): bigint => ((x >> bits) | (x << (64n - bits))) & mask;
  for (let round = 0; round < 12; round++) {
    const permutation = order[round % 10];
    for (const [i, [a, b, c, d]] of quarters.entries()) {
      v[a] = (v[a] + v[b] + words[permutation[2 * i]]) & mask;
      v[d] = turn(v[d] ^ v[a], 32n);
      v[c] = (v[c] + v[d]) & mask;
      v[b] = turn(v[b] ^ v[c], 24n);
      v[a] = (v[a] + v[b] + words[permutation[2 * i + 1]]) & mask;
      v[d] = turn(v[d] ^ v[a], 16n);
      v[c] = (v[c] + v[d]) & mask;
      v[b] = turn(v[b] ^ v[c], 63n);
    }
  }
  for (let i = 0; i < 8; i++) state[i] ^= v[i] ^ v[i + 8];
}
