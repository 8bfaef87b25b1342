// SPDX-License-Identifier: BSD-3-Clause
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FitsFile, readHeadersSync } from '../../src/fits/index.ts';
import { describeShared } from '../support/shared.ts';

function fitsFiles(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(fits?|fts)(\.(gz|fz))?$/.test(name),
  );
}

for (const folder of [
  'sdss-stripe82',
  'nickel-raw',
  'obs-test-raw',
  'lsst-raw-structure',
  'decam-cutouts',
  'hsc-visit',
]) {
  describeShared(`data/${folder}`, `real files: ${folder}`, (dir) => {
    it('every file opens, its headers agree and its first data can be read', { timeout: 120_000 }, async () => {
      const names = fitsFiles(dir);
      expect(names.length).toBeGreaterThan(0);
      for (const name of names) {
        const path = join(dir, name);
        await using file = await FitsFile.open(path);
        expect(file.damage, name).toBeUndefined();
        const headers = readHeadersSync(path, { maxHdus: 3 });
        expect(headers.map((header) => header.toCards())).toEqual(
          file.hdus.slice(0, 3).map((hdu) => hdu.storedHeader.toCards()),
        );
        const image = file.hdus.find((hdu) => hdu.kind === 'image' && hdu.shape.length >= 2 && !hdu.truncated);
        if (image !== undefined) {
          const section = { x0: 0, y0: 0, x1: Math.min(100, image.shape[0]), y1: Math.min(50, image.shape[1]) };
          const { data } = await image.readImage({ section, as: 'float32', plane: 0 });
          expect(data.length).toBe((section.x1 - section.x0) * (section.y1 - section.y0));
        }
        const table = file.hdus.find((hdu) => hdu.kind === 'bintable');
        if (table !== undefined) {
          const columns = await table.readColumns(undefined, { rows: [0, Math.min(10, table.rows)] });
          expect(Object.keys(columns).length).toBe(table.columns.length);
        }
      }
    });
  });
}
