// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Butler } from '../src/butler/index.ts';
import { ingestRaws, registerInstrument } from '../src/instruments/index.ts';
import { simulateSurvey } from '../src/simulate/index.ts';
import { atLeast, type Figure } from './figure.ts';

/** A camera of 100 detectors of 64 x 64 pixels and 100 exposures. */
export const tenThousandRaws = {
  detectorColumns: 10,
  detectorRows: 10,
  width: 64,
  height: 64,
  bands: ['r'],
  visitsPerBand: 10,
  nights: 2,
  biases: 80,
  darks: 5,
  flatsPerBand: 5,
};

/**
 * Ingest of ten thousand small raw files into SQLite, left where they are, headers read and translated: seconds of the call, ours (best of
 * three, each into a new repository) and the peer's in the same run.
 */
export async function* rawIngestFigures(): AsyncGenerator<Figure> {
  const dir = await mkdtemp(join(tmpdir(), 'skymill-bench-'));
  try {
    const made = await simulateSurvey(join(dir, 'survey'), tenThousandRaws, { clobber: false });
    const paths = globSync(join(made.rawFolder, '**/*.fits')).sort();
    let seconds = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 3; i++) {
      const butler = await Butler.create(join(dir, `repo${i}`));
      await registerInstrument(butler, made.instrumentFile);
      const started = performance.now();
      const { ingested } = await ingestRaws(butler, paths, { transfer: 'direct' });
      seconds = Math.min(seconds, (performance.now() - started) / 1000);
      await butler.close();
      if (ingested !== paths.length) throw new Error(`${ingested} of ${paths.length} raws were ingested`);
    }
    const figure = `raw ingest of ${paths.length} small files, header translation included`;
    const peer = peerSeconds(dir, paths);
    const rate = paths.length / seconds;
    if (peer === undefined) yield { figure, value: rate, unit: 'files/s', peer: 'not installed (scripts/peers.sh)' };
    else {
      yield { figure, value: rate, unit: 'files/s', peer: Math.round(paths.length / peer) };
      yield { figure: `${figure}: times the peer`, unit: '×', peer: 1, ...atLeast(peer / seconds, 20) };
    }
  } finally {
    await rm(dir, { recursive: true });
  }
}

function peerSeconds(dir: string, paths: readonly string[]): number | undefined {
  const home = process.env['SKYMILL_PEERS'] ?? resolve(import.meta.dirname, '../.venv');
  const python = join(home, 'bin/python');
  if (!existsSync(python)) return undefined;
  const list = join(dir, 'paths.txt');
  writeFileSync(list, `${paths.join('\n')}\n`);
  const script = resolve(import.meta.dirname, 'peers/ingest.py');
  const answer = execFileSync(python, [script, join(dir, 'peer'), list], { encoding: 'utf8' });
  return JSON.parse(answer).seconds;
}
