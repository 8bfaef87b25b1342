// SPDX-License-Identifier: BSD-3-Clause
import type { Where } from '../errors.ts';
import type { Header } from '../header/header.ts';
import type { NumericArray } from '../image/numeric.ts';
import { readPlainImage } from '../image/read.ts';
import type { ByteSource } from '../io/source.ts';
import type { Layout } from './layout.ts';

/** Random groups: `count` small arrays, each with parameters. */
export interface RandomGroups {
  count: number;
  /** Shape of one group's array in NAXIS order, without the leading NAXIS1 = 0. */
  shape: number[];
  /** One array after another, BSCALE and BZERO applied. */
  data: NumericArray;
  /** PTYPEn in order; a name may come twice. `values` has one value a group, PSCAL and PZERO applied. */
  parameters: { name: string; values: Float64Array }[];
}

export async function readGroups(
  source: ByteSource,
  header: Header,
  layout: Layout,
  dataOffset: number,
  where: Where,
): Promise<RandomGroups> {
  const { gcount, pcount } = layout;
  const shape = layout.shape.slice(1);
  const size = shape.reduce((a, b) => a * b, 1);
  const extent = { bitpix: layout.bitpix, shape: [pcount + size, gcount], dataOffset, where };
  const { data: values } = await readPlainImage(source, header, extent, {
    section: { x0: pcount, y0: 0, x1: pcount + size, y1: gcount },
  });
  const unscaled = header.clone();
  for (const keyword of ['BSCALE', 'BZERO', 'BLANK']) unscaled.delete(keyword);
  const { data: raw } = await readPlainImage(source, unscaled, extent, {
    section: { x0: 0, y0: 0, x1: pcount, y1: gcount },
    as: 'float64',
  });
  const parameters = Array.from({ length: pcount }, (_, p) => {
    const scale = header.getNumber(`PSCAL${p + 1}`, 1);
    const zero = header.getNumber(`PZERO${p + 1}`, 0);
    return {
      name: header.getString(`PTYPE${p + 1}`, `par${p + 1}`),
      values: Float64Array.from({ length: gcount }, (_, g) => Number(raw[g * pcount + p]) * scale + zero),
    };
  });
  return { count: gcount, shape, data: values, parameters };
}
