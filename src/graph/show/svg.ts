// SPDX-License-Identifier: BSD-3-Clause
import type { ColumnGraph } from '../column-graph.ts';
import { drawing } from './drawing.ts';
import { layered } from './layout.ts';

const font = { name: 14, detail: 11.5, line: 17, padding: 12 };

/** The task graph as a picture of its own: SVG without scripts, fonts or links, for light and dark pages. */
export function graphSvg(graph: ColumnGraph): string {
  const { nodes, edges } = drawing(graph);
  const boxes = nodes.map((node) => {
    const lines = [node.name, node.dimensions, node.count].filter((line) => line !== '');
    const widths = lines.map((line, k) => line.length * (k === 0 ? 0.66 * font.name : 0.6 * font.detail));
    return {
      ...node,
      lines,
      width: Math.ceil(Math.max(60, ...widths) + 2 * font.padding),
      height: lines.length * font.line + font.padding,
    };
  });
  const { width, height, boxes: placed, edges: drawn } = layered(boxes, edges);
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img" font-family="system-ui, sans-serif">`,
    `<title>${xmlText(`${graph.header.pipeline}: ${graph.quantumCount} quanta`)}</title>`,
    `<style>${style}</style>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="tip" d="M0 0 L8 4 L0 8 z"/></marker></defs>',
    `<rect class="page" width="${w}" height="${h}"/>`,
  ];
  for (const [k, { points }] of drawn.entries())
    parts.push(`<path class="edge ${edges[k].kind}" d="${curve(points)}" marker-end="url(#tip)"/>`);
  for (const { kind, init, lines, x, y, width: boxWidth, height: boxHeight } of placed) {
    const [left, top] = [x - boxWidth / 2, y - boxHeight / 2];
    const round = kind === 'task' ? 4 : boxHeight / 2;
    parts.push(
      `<g class="${kind}${init ? ' init' : ''}"><rect x="${fixed(left)}" y="${fixed(top)}" width="${boxWidth}" height="${boxHeight}" rx="${round}"/>`,
    );
    for (const [line, text] of lines.entries()) {
      const baseline = top + font.padding / 2 + (line + 0.74) * font.line;
      parts.push(
        `<text class="${line === 0 ? 'name' : 'detail'}" x="${fixed(x)}" y="${fixed(baseline)}">${xmlText(text)}</text>`,
      );
    }
    parts.push('</g>');
  }
  return `${parts.join('\n')}\n</svg>\n`;
}

const style = `
.page{fill:#fff}text{text-anchor:middle;fill:#1b2430}.name{font-size:${font.name}px;font-weight:600}.detail{font-size:${font.detail}px;fill:#48566a}
.task rect{fill:#dfe8f7;stroke:#2f5597;stroke-width:1.6}.datasetType rect{fill:#f6f5f0;stroke:#8a8676}.datasetType .name{font-weight:400}
.init rect{stroke-dasharray:3 3}.edge{fill:none;stroke:#5b6675;stroke-width:1.3}.edge.prerequisite{stroke-dasharray:6 4}.edge.init{stroke-dasharray:2 3}.tip{fill:#5b6675}
@media (prefers-color-scheme:dark){.page{fill:#12161c}text{fill:#e8edf4}.detail{fill:#a9b5c5}.task rect{fill:#1f3050;stroke:#7ea2e0}.datasetType rect{fill:#22262c;stroke:#8a8676}.edge{stroke:#93a0b0}.tip{fill:#93a0b0}}
`.trim();

/** Smooth through the bends, straight down at both ends. */
function curve(points: readonly { x: number; y: number }[]): string {
  let path = `M${fixed(points[0].x)} ${fixed(points[0].y)}`;
  for (let k = 1; k < points.length; k++) {
    const [a, b] = [points[k - 1], points[k]];
    const middle = (a.y + b.y) / 2;
    path += ` C${fixed(a.x)} ${fixed(middle)} ${fixed(b.x)} ${fixed(middle)} ${fixed(b.x)} ${fixed(b.y)}`;
  }
  return path;
}

function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
