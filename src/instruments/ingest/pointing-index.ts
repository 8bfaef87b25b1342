// SPDX-License-Identifier: BSD-3-Clause
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Cards } from '../../sky/index.ts';

/**
 * First WCS of every ingested raw, so that defining visits reads no header again. One JSON line a raw in
 * `skymill/pointings/<instrument>.jsonl`: `{"exposure", "detector", "wcs": cards}`; appended in batches, the last line of a pair wins, and
 * a torn last line is skipped. It is a cache: a raw without a line is read from its file.
 */
export interface Pointing {
  exposure: number;
  detector: number;
  wcs: Cards;
}

function indexFile(root: string, instrument: string): string {
  return join(root, 'skymill', 'pointings', `${instrument}.jsonl`);
}

export async function appendPointings(root: string, instrument: string, pointings: readonly Pointing[]): Promise<void> {
  if (pointings.length === 0) return;
  const file = indexFile(root, instrument);
  await mkdir(dirname(file), { recursive: true });
  // The leading newline closes a line that an earlier, killed writer may have left open.
  await appendFile(file, `\n${pointings.map((p) => JSON.stringify(p)).join('\n')}\n`);
}

/** Cards by `exposure detector`. */
export async function readPointings(root: string, instrument: string): Promise<Map<string, Cards>> {
  const pointings = new Map<string, Cards>();
  let text: string;
  try {
    text = await readFile(indexFile(root, instrument), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return pointings;
    throw error;
  }
  for (const line of text.split('\n')) {
    if (!line.startsWith('{') || !line.endsWith('}')) continue;
    try {
      const { exposure, detector, wcs }: Pointing = JSON.parse(line);
      pointings.set(`${exposure} ${detector}`, wcs);
    } catch {
      // A torn line: its raw is read from its file.
    }
  }
  return pointings;
}
