// SPDX-License-Identifier: BSD-3-Clause
import { stripVTControlCharacters } from 'node:util';

type Alignment = 'left' | 'right';

/** Rows under a header as lines of text: columns two spaces apart, no frame, no trailing blanks. */
export function textTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[],
): string {
  const width = (text: string) => stripVTControlCharacters(text).length;
  const lines = [header, ...rows];
  const widths = header.map((_name, i) => lines.reduce((most, line) => Math.max(most, width(line[i] ?? '')), 0));
  const cell = (text: string, i: number) => {
    const blanks = ' '.repeat(widths[i] - width(text));
    return alignments[i] === 'right' ? blanks + text : text + blanks;
  };
  return lines
    .map((line) =>
      header
        .map((_name, i) => cell(line[i] ?? '', i))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
