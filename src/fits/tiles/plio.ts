// SPDX-License-Identifier: BSD-3-Clause

/**
 * Decodes the IRAF line list of PLIO_1 tiles (FITS standard 4.0, section 10.4.3): 16-bit instructions, operation in the top four
 * bits, count or value in the others. Values are 0 to 2^24 - 1. Throws a plain Error when the list is damaged.
 */
export function plioDecode(bytes: Uint8Array, n: number, out: Int32Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = bytes.length >> 1;
  const word = (i: number): number => view.getInt16(2 * i);
  if (words < 3) throw new Error('it is shorter than its header');
  out.fill(0, 0, n);
  // Word 3 is the length in the old form; the new form has it in words 4 and 5, after a header of word(1) words.
  const old = word(2) > 0;
  const first = old ? 3 : word(1);
  const length = old ? word(2) : (word(4) << 15) + word(3);
  if (length > words || first < 3) throw new Error(`its header says ${length} words of ${words}`);
  let value = 1;
  let at = 0;
  const fill = (count: number, pixel: number): void => {
    if (at + count > n) throw new Error(`it has more than ${n} pixels`);
    if (pixel !== 0) out.fill(pixel, at, at + count);
    at += count;
  };
  for (let i = first; i < length; i++) {
    const operation = (word(i) >> 12) & 0xf;
    const data = word(i) & 0xfff;
    switch (operation) {
      case 0: // a run of zeros
        fill(data, 0);
        break;
      case 1: // set the high value
        i++;
        value = (i < words ? word(i) << 12 : 0) + data;
        break;
      case 2: // raise it
        value += data;
        break;
      case 3: // lower it
        value -= data;
        break;
      case 4: // a run of it
        fill(data, value);
        break;
      case 5: // zeros, then it once
        fill(data - 1, 0);
        fill(1, value);
        break;
      case 6: // raise it, once
        value += data;
        fill(1, value);
        break;
      case 7: // lower it, once
        value -= data;
        fill(1, value);
        break;
      default:
        throw new Error(`it has the unknown operation ${operation}`);
    }
  }
}
