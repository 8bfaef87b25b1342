// SPDX-License-Identifier: BSD-3-Clause
import { cpSync } from 'node:fs';
import { join as path } from 'node:path';
import { Butler } from '../../src/butler/index.ts';
import { decodeRegion, encodeRegion, skyMapFromPlain } from '../../src/sky/index.ts';
import { sharedPath } from '../../test/support/shared.ts';
import type { Figure } from '../figure.ts';
import { against, median, rounds, seconds } from './measure.ts';
import { peer } from './peer.ts';

/** The sky map of the HSC data, by its published parameters. */
const rings = { type: 'rings', name: 'hsc_rings_v1', numRings: 120, pixelScale: 0.168, tractOverlap: 1 / 60 };

/**
 * Adds the patches that the tracts of a repository have; of the RC2 records given only those with pipeline products. Those that are
 * there must be where the sky map says.
 */
async function addPatches(butler: Butler): Promise<number> {
  const map = await skyMapFromPlain(rings);
  const tracts: number[] = [];
  for await (const tract of butler.query().dimensionRecords('tract')) tracts.push(tract['id'] as number);
  const patches = tracts.flatMap((id) => {
    const tract = map.tract(id);
    const { patchCountX: nx, patchCountY: ny } = tract;
    return Array.from({ length: nx * ny }, (_, i) => ({
      ...{ skymap: rings.name, tract: id, id: i, cell_x: i % nx, cell_y: Math.floor(i / nx) },
      region: encodeRegion(tract.patch(i).region),
    }));
  });
  for await (const given of butler.query().dimensionRecords('patch')) {
    const ours = patches.find(({ tract, id }) => tract === given['tract'] && id === given['id']);
    const vertices = [given['region'] as Uint8Array, ours!.region].map((bytes) => decodeRegion(bytes));
    const [a, b] = vertices.map((region) => (region as { vertices: readonly (readonly number[])[] }).vertices.flat());
    const apart = a.map((x) => Math.min(...b.map((y) => Math.abs(x - y))));
    if (Math.max(...apart) > 1e-12) throw new Error('the sky map has its patches elsewhere');
  }
  await butler.insertRecords('patch', patches, 'skip');
  return patches.length;
}

/** Visit-detector regions and patches of the HSC RC2 data that overlap, by their exact regions. */
export async function* overlaps(dir: string): AsyncGenerator<Figure> {
  const source = sharedPath('conformance/gen3/repos/hsc-rc2');
  if (source === undefined) {
    process.stderr.write('*** the HSC RC2 records are absent: no figure of the spatial join\n');
    return;
  }
  const root = path(dir, 'hsc-rc2');
  cpSync(source, root, { recursive: true });
  const writer = await Butler.open(root, { writeable: true });
  const patches = await addPatches(writer);
  await writer.close();
  const butler = await Butler.open(root);
  const asked = ['visit', 'detector', 'tract', 'patch'];
  const ours: number[] = [];
  const theirs: number[] = [];
  let count = 0;
  const join = (): Promise<number> =>
    seconds(async () => {
      count = (await butler.query().dataIdColumns(asked)).rows;
    });
  const first = await join();
  // Our code gets its speed with use; the peer's, which has it from the start, runs five times and the median counts.
  for (let i = 0; i < 20; i++) await join();
  for (let round = 0; round < rounds; round++) {
    const times: number[] = [];
    for (let i = 0; i < 9; i++) times.push(await join());
    ours.push(1 / median(times));
    const measured = peer<{ rows: number; seconds: number }>('overlap', root, '');
    if (measured.rows !== count) throw new Error(`${count} pairs, but the peer finds ${measured.rows}`);
    theirs.push(1 / measured.seconds);
  }
  await butler.close();
  yield against(
    `spatial join visit-detector x ${patches} patches, HSC RC2, ${count} pairs`,
    'joins/s',
    ours,
    theirs,
    20,
  );
  yield { figure: 'the same, the first one of a process', value: 1 / first, unit: 'joins/s' };
}
