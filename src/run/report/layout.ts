// SPDX-License-Identifier: BSD-3-Clause
import { textTable } from '../../base/index.ts';

/** Text for terminals of a given width. */

/** At most so many characters, the last of them `…` where something is cut off. */
export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1)).trimEnd()}…`;
}

/** Lines no longer than the width, all but the first indented further; at most `most` of them. */
export function wrap(text: string, width: number, indent: string, most = 3): string[] {
  const lines: string[] = [];
  let rest = indent + text.trimEnd();
  const hanging = `${indent}  `;
  while (rest.length > width && lines.length < most - 1) {
    const blank = rest.lastIndexOf(' ', width);
    const cut = blank > hanging.length + 10 ? blank : width;
    lines.push(rest.slice(0, cut).trimEnd());
    rest = hanging + rest.slice(cut).trimStart();
  }
  lines.push(clip(rest, width));
  return lines;
}

export interface Column<T> {
  head: string;
  cell(item: T): string;
  /** Numbers are on the right. Default right. */
  align?: 'left';
  /** Left out where all its cells are empty. */
  optional?: boolean;
  /** May be cut off, down to so many characters, where the table is too wide. */
  least?: number;
}

/** A table that keeps within the width as far as its columns can be cut off. */
export function fittedTable<T>(columns: readonly Column<T>[], items: readonly T[], width: number): string {
  const shown = columns.filter((column) => !column.optional || items.some((item) => column.cell(item) !== ''));
  const rows = items.map((item) => shown.map((column) => column.cell(item)));
  const widths = shown.map(({ head }, i) => Math.max(head.length, ...rows.map((row) => row[i].length)));
  let over = widths.reduce((sum, w) => sum + w + 2, -2) - width;
  shown.forEach(({ least }, i) => {
    if (over <= 0 || least === undefined) return;
    const cut = Math.min(over, Math.max(0, widths[i] - least));
    widths[i] -= cut;
    over -= cut;
  });
  return textTable(
    shown.map(({ head }, i) => clip(head, widths[i])),
    rows.map((row) => row.map((text, i) => clip(text, widths[i]))),
    shown.map(({ align }) => align ?? 'right'),
  );
}
