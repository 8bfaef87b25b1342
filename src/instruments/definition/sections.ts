// SPDX-License-Identifier: BSD-3-Clause
import { instrumentErrors } from '../errors.ts';
import type { Box } from '../model.ts';

/** A FITS section `[x1:x2,y1:y2]` (1-based, inclusive) as a 0-based half-open box, with the axes that run backwards. */
export interface Section {
  box: Box;
  flipX: boolean;
  flipY: boolean;
}

const pattern = /^\[\s*(\d+)\s*:\s*(\d+)\s*,\s*(\d+)\s*:\s*(\d+)\s*\]$/;

export function parseSection(text: string, where: string): Section {
  const match = pattern.exec(text);
  if (match === null) throw instrumentErrors.BAD_SECTION({ section: text, where });
  const [x1, x2, y1, y2] = match.slice(1).map(Number);
  return {
    box: { x0: Math.min(x1, x2) - 1, y0: Math.min(y1, y2) - 1, x1: Math.max(x1, x2), y1: Math.max(y1, y2) },
    flipX: x1 > x2,
    flipY: y1 > y2,
  };
}

export function formatSection(box: Box): string {
  return `[${box.x0 + 1}:${box.x1},${box.y0 + 1}:${box.y1}]`;
}

export function boxWidth(box: Box): number {
  return box.x1 - box.x0;
}
export function boxHeight(box: Box): number {
  return box.y1 - box.y0;
}
