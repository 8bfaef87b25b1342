// SPDX-License-Identifier: BSD-3-Clause
import { escapeText } from './plot.ts';
import { style } from './style.ts';

/** Parts of a report page in reading order. */
export type Block =
  | { kind: 'text'; text: string }
  | { kind: 'cards'; cards: readonly Card[] }
  | { kind: 'figures'; figures: readonly { caption: string; body: string }[] }
  /** SVG as wide as the page. */
  | { kind: 'wide'; body: string; caption?: string }
  | TableBlock
  | { kind: 'checks'; rows: readonly Check[] }
  /** Text as it is, in fixed width. */
  | { kind: 'verbatim'; text: string }
  | Details;

export interface TableBlock {
  kind: 'table';
  header: readonly string[];
  rows: readonly (readonly Cell[])[];
  caption?: string;
}

/** Folded away; a link to its anchor unfolds it. */
export interface Details {
  kind: 'details';
  anchor?: string;
  summary: string;
  blocks: readonly Block[];
  open?: boolean;
}

/** A number stands on the right; with a link it leads to what it counts. */
export type Cell = string | number | LinkedCell;
export interface LinkedCell {
  text: string | number;
  href?: string;
  tone?: Tone;
  /** Text on the right, such as a time. */
  right?: boolean;
}
export type Tone = 'ok' | 'bad' | 'warn' | 'dim';

export interface Card {
  label: string;
  value: string;
  note?: string;
  tone?: Tone;
  href?: string;
}

/** A figure of merit beside its goal. */
export interface Check {
  name: string;
  value: string;
  goal: string;
  /** Undefined: too little to judge by. */
  ok: boolean | undefined;
}

export interface Section {
  title: string;
  blocks: readonly Block[];
}

/** A self-contained HTML page: no script, no outside file; light and dark, wide and narrow. */
export function renderPage(title: string, subtitle: string, sections: readonly Section[]): string {
  const body = sections.map(
    (s) =>
      `<section id="${anchorOf(s.title)}"><h2>${escapeText(s.title)}</h2>${s.blocks.map(renderBlock).join('\n')}</section>`,
  );
  const contents = sections.map((s) => `<a href="#${anchorOf(s.title)}">${escapeText(s.title)}</a>`).join(' · ');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeText(title)}</title><style>${style}</style></head>
<body><header><h1>${escapeText(title)}</h1><p>${escapeText(subtitle)}</p><nav>${contents}</nav></header>
<main>${body.join('\n')}</main></body></html>
`;
}

function renderBlock(block: Block): string {
  switch (block.kind) {
    case 'text':
      return `<p>${escapeText(block.text)}</p>`;
    case 'cards':
      return `<div class="cards">${block.cards.map(renderCard).join('')}</div>`;
    case 'figures':
      return `<div class="figures">${block.figures
        .map((f) => `<figure>${f.body}<figcaption>${escapeText(f.caption)}</figcaption></figure>`)
        .join('')}</div>`;
    case 'wide':
      return `<figure class="wide scroll">${block.body}</figure>${
        block.caption === undefined ? '' : `<p class="note">${escapeText(block.caption)}</p>`
      }`;
    case 'table':
      return renderTable(block);
    case 'checks':
      return `<table><thead><tr><th></th><th>figure</th><th>measured</th><th>goal</th></tr></thead><tbody>${block.rows
        .map(
          (c) =>
            `<tr>${verdict(c.ok)}<td>${escapeText(c.name)}</td><td class="n">${escapeText(c.value)}</td><td class="n">${escapeText(c.goal)}</td></tr>`,
        )
        .join('')}</tbody></table>`;
    case 'verbatim':
      return `<pre>${escapeText(block.text)}</pre>`;
    case 'details': {
      // The anchor is inside: going to it unfolds what is around it.
      const id = block.anchor === undefined ? '' : ` id="${block.anchor}"`;
      const inside = block.blocks.map(renderBlock).join('\n');
      return `<details${block.open ? ' open' : ''}><summary>${escapeText(block.summary)}</summary><div${id}>${inside}</div></details>`;
    }
  }
}

function renderCard({ label, value, note, tone, href }: Card): string {
  const inside =
    `<b class="${tone ?? ''}">${escapeText(value)}</b><span>${escapeText(label)}</span>` +
    (note === undefined ? '' : `<small>${escapeText(note)}</small>`);
  return href === undefined ? `<div class="card">${inside}</div>` : `<a class="card" href="${href}">${inside}</a>`;
}

function verdict(ok: boolean | undefined): string {
  if (ok === undefined) return '<td>– too few to judge</td>';
  return ok ? '<td class="ok">✓ met</td>' : '<td class="bad">✗ missed</td>';
}

function renderTable({ header, rows, caption }: TableBlock): string {
  const right = header.map((_, i) => rows.length > 0 && rows.every((row) => isRight(row[i] ?? '')));
  const head = header.map((h, i) => `<th${right[i] ? ' class="n"' : ''}>${escapeText(h)}</th>`).join('');
  const lines = rows.map((row) => `<tr>${row.map(renderCell).join('')}</tr>`);
  const title = caption === undefined ? '' : `<p class="note">${escapeText(caption)}</p>`;
  return `${title}<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${lines.join('')}</tbody></table></div>`;
}

function renderCell(cell: Cell): string {
  const { text, href, tone }: LinkedCell = typeof cell === 'object' ? cell : { text: cell };
  const shown = typeof text === 'number' ? text.toLocaleString('en-US') : text;
  const classes = [isRight(cell) ? 'n' : '', tone ?? ''].filter((name) => name !== '').join(' ');
  const inside = href === undefined ? escapeText(shown) : `<a href="${href}">${escapeText(shown)}</a>`;
  return `<td${classes === '' ? '' : ` class="${classes}"`}>${inside}</td>`;
}

function isRight(cell: Cell): boolean {
  if (cell === '' || typeof cell === 'number') return true;
  return typeof cell === 'object' && (cell.right === true || typeof cell.text === 'number' || cell.text === '');
}

/** What a link to a section or list is called; letters that are not of ASCII are kept apart by their numbers. */
export function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, (run) => (/^[ -~]*$/.test(run) ? '-' : `-${run.codePointAt(0)!.toString(16)}-`))
    .replace(/^-|-$/g, '');
}
