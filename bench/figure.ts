// SPDX-License-Identifier: BSD-3-Clause

/** One measured figure, the peer's and the goal beside it. */
export interface Figure {
  figure: string;
  value: number;
  unit: string;
  /** The peer's value, measured in the same run or quoted as text with its source. */
  peer?: number | string;
  goal?: string;
  ok?: boolean;
}

/** What a `<room>.bench.ts` exports. */
export interface Bench {
  figures(): AsyncIterable<Figure>;
}
