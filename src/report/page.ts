// SPDX-License-Identifier: BSD-3-Clause
import { escapeText } from './plot.ts';

/** Parts of a report page in reading order. */
export type Block =
  | { kind: 'text'; text: string }
  | { kind: 'figures'; figures: readonly { caption: string; body: string }[] }
  | { kind: 'table'; header: readonly string[]; rows: readonly (readonly (string | number)[])[]; caption?: string }
  | { kind: 'checks'; rows: readonly Check[] };

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

/** A self-contained HTML page: no script, no outside file; light and dark. */
export function renderPage(title: string, subtitle: string, sections: readonly Section[]): string {
  const body = sections.map(
    (s) =>
      `<section id="${anchor(s.title)}"><h2>${escapeText(s.title)}</h2>${s.blocks.map(renderBlock).join('\n')}</section>`,
  );
  const contents = sections.map((s) => `<a href="#${anchor(s.title)}">${escapeText(s.title)}</a>`).join(' · ');
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
    case 'figures':
      return `<div class="figures">${block.figures
        .map((f) => `<figure>${f.body}<figcaption>${escapeText(f.caption)}</figcaption></figure>`)
        .join('')}</div>`;
    case 'table':
      return renderTable(block.header, block.rows, block.caption);
    case 'checks':
      return `<table><thead><tr><th></th><th>figure</th><th>measured</th><th>goal</th></tr></thead><tbody>${block.rows
        .map(
          (c) =>
            `<tr>${verdict(c.ok)}<td>${escapeText(c.name)}</td><td class="n">${escapeText(c.value)}</td><td class="n">${escapeText(c.goal)}</td></tr>`,
        )
        .join('')}</tbody></table>`;
  }
}

function verdict(ok: boolean | undefined): string {
  if (ok === undefined) return '<td>– too few to judge</td>';
  return ok ? '<td class="ok">✓ met</td>' : '<td class="bad">✗ missed</td>';
}

function renderTable(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  caption: string | undefined,
): string {
  const head = header.map((h) => `<th>${escapeText(h)}</th>`).join('');
  const lines = rows.map(
    (row) =>
      `<tr>${row.map((cell) => `<td${typeof cell === 'number' ? ' class="n"' : ''}>${escapeText(String(cell))}</td>`).join('')}</tr>`,
  );
  const title = caption === undefined ? '' : `<caption>${escapeText(caption)}</caption>`;
  return `<div class="scroll"><table>${title}<thead><tr>${head}</tr></thead><tbody>${lines.join('')}</tbody></table></div>`;
}

function anchor(title: string): string {
  return title.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

const style = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1b2230;--dim:#5d6778;--line:#d6dbe4;--ok:#0a7d33;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--bg:#12161d;--fg:#e6eaf1;--dim:#98a2b3;--line:#2c3442;--ok:#5ad17f;--bad:#ff8a80}}
body{margin:0 auto;max-width:1120px;padding:24px;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif}
h1{margin:0 0 4px;font-size:26px}h2{margin:32px 0 8px;font-size:19px;border-bottom:1px solid var(--line);padding-bottom:4px}
header p,figcaption,caption{color:var(--dim)}nav a,a{color:inherit}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(340px,1fr));gap:18px}
figure{margin:0}figure svg,figure img{width:100%;height:auto;display:block;border-radius:4px}figcaption{font-size:13px;margin-top:4px}
.scroll{overflow-x:auto}table{border-collapse:collapse;margin:8px 0;font-size:13.5px}caption{text-align:left;padding-bottom:4px}
th,td{padding:4px 10px;border-bottom:1px solid var(--line);text-align:left;white-space:nowrap}.n{text-align:right;font-variant-numeric:tabular-nums}
.ok{color:var(--ok);font-weight:600}.bad{color:var(--bad);font-weight:600}
`;
