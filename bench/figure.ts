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

/** A value that shall not be smaller than the goal. */
export function atLeast(value: number, goal: number): Pick<Figure, 'value' | 'goal' | 'ok'> {
  return { value, goal: `>= ${goal}`, ok: value >= goal };
}

/** A value that shall be smaller than the goal. */
export function below(value: number, goal: number): Pick<Figure, 'value' | 'goal' | 'ok'> {
  return { value, goal: `< ${goal}`, ok: value < goal };
}
