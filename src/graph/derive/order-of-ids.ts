// SPDX-License-Identifier: BSD-3-Clause

/** Places of ids of 16 bytes in ascending order. */
export function orderOfIds(ids: Buffer): Uint32Array<ArrayBuffer> {
  const order = Uint32Array.from({ length: ids.length / 16 }, (_, i) => i);
  const swapped = new BigUint64Array(ids.length / 8);
  for (let i = 0; i < swapped.length; i++) swapped[i] = ids.readBigUInt64BE(8 * i);
  return order.sort((a, b) => {
    const high = swapped[2 * a] === swapped[2 * b] ? 1 : 0;
    const [one, other] = [swapped[2 * a + high], swapped[2 * b + high]];
    return one < other ? -1 : one > other ? 1 : 0;
  });
}
