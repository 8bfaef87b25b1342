// SPDX-License-Identifier: BSD-3-Clause
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { Butler } from '../../src/butler/index.ts';
import { sharedPath } from '../../test/support/shared.ts';
import type { Figure } from '../figure.ts';
import { against, median, rounds, seconds } from './measure.ts';
import { peer } from './peer.ts';

/** Visit-detector regions and patches of the HSC RC2 data that overlap, by their exact regions. */
export async function* overlaps(dir: string): AsyncGenerator<Figure> {
  const source = sharedPath('conformance/gen3/repos/hsc-rc2');
  if (source === undefined) {
    process.stderr.write('*** the HSC RC2 records are absent: no figure of the spatial join\n');
    return;
  }
  const root = join(dir, 'hsc-rc2');
  cpSync(source, root, { recursive: true });
  const butler = await Butler.open(root);
  const asked = ['visit', 'detector', 'tract', 'patch'];
  const ours: number[] = [];
  const theirs: number[] = [];
  let count = 0;
  for (let round = 0; round < rounds; round++) {
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      times.push(
        await seconds(async () => {
          count = (await butler.query().dataIdColumns(asked)).rows;
        }),
      );
    }
    ours.push(1 / median(times));
    const measured = peer<{ rows: number; seconds: number }>('overlap', root, '');
    if (measured.rows !== count) throw new Error(`${count} pairs, but the peer finds ${measured.rows}`);
    theirs.push(1 / measured.seconds);
  }
  await butler.close();
  yield against(`spatial join visit-detector x patch, HSC RC2, ${count} pairs`, 'joins/s', ours, theirs, 20);
}
