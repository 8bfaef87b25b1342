// SPDX-License-Identifier: BSD-3-Clause
/** FITS against independent programs: what we write they verify and read alike; what they compress we read alike. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  FitsFile,
  type HduToWrite,
  type NumericArray,
  type TileCompression,
  writeFitsFile,
} from '../../src/fits/index.ts';

const python = ['python3', '/usr/bin/python3'].find(
  (each) => spawnSync(each, ['-c', 'import astropy.io.fits'], { stdio: 'ignore' }).status === 0,
);
const has = (tool: string): boolean => spawnSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' }).status === 0;

function suite(title: string, present: boolean, needs: string, body: () => void): void {
  if (present) return void describe(title, body);
  process.stderr.write(`\n*** SKIPPED: ${title}: this machine has no ${needs}\n`);
  describe.skip(`${title} (${needs} absent)`, body);
}

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'fits-peers-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const [NX, NY] = [211, 97];

/** A sky with noise and some stars; deterministic. */
function sky(level: number, sigma: number): Float32Array {
  let seed = 4711;
  const uniform = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
  return Float32Array.from({ length: NX * NY }, (_, i) => {
    const noise = sigma * (uniform() + uniform() + uniform() + uniform() - 2) * Math.sqrt(3);
    const r2 = ((i % NX) - 90) ** 2 + (Math.floor(i / NX) - 40) ** 2;
    return level + noise + 5000 * Math.exp(-r2 / 18);
  });
}

const images: Record<string, NumericArray> = {
  U8: Uint8Array.from(sky(100, 5), (v) => Math.min(255, v)),
  I8: Int8Array.from(sky(0, 20), (v) => Math.max(-128, Math.min(127, v))),
  I16: Int16Array.from(sky(0, 300)),
  U16: Uint16Array.from(sky(40000, 300)),
  I32: Int32Array.from(sky(0, 1e6)),
  U32: Uint32Array.from(sky(3e9, 1e6)),
  I64: BigInt64Array.from(Array.from(sky(0, 1e6), (v) => BigInt(Math.round(v)) * 1_000_000_007n)),
  F32: sky(250.5, 12),
  F64: Float64Array.from(sky(250.5, 12)),
};

function bigEndian(data: NumericArray): Buffer {
  const bytes = Buffer.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  if (data.BYTES_PER_ELEMENT === 2) bytes.swap16();
  if (data.BYTES_PER_ELEMENT === 4) bytes.swap32();
  if (data.BYTES_PER_ELEMENT === 8) bytes.swap64();
  return bytes;
}

/** astropy's pixels of each named HDU, as big-endian bytes of their physical type. */
const DUMP = `
import sys, numpy as np
from astropy.io import fits
path, out = sys.argv[1:3]
with fits.open(path, checksum=True) as f:
    for name in sys.argv[3:]:
        d = f[name].data
        np.ascontiguousarray(d.astype(d.dtype.newbyteorder('>'))).tofile(out + '/' + name + '.raw')
`;

function run(command: string, args: string[]): string {
  const done = spawnSync(command, args, { encoding: 'utf8' });
  expect(done.status, `${command} ${args.join(' ')}: ${done.stderr}`).toBe(0);
  return done.stdout + done.stderr;
}

const codings: Record<string, TileCompression | undefined> = {
  plain: undefined,
  rice: { algorithm: 'RICE_1' },
  riceTiles: { algorithm: 'RICE_1', tile: [64, 50] },
  gzip: { algorithm: 'GZIP_2', tile: [NX, 16] },
};

async function writeAll(path: string, compression: TileCompression | undefined): Promise<string[]> {
  const names = Object.keys(images).filter((name) => compression === undefined || name !== 'I64');
  const hdus = names.map((name): HduToWrite => {
    const header = { OBJECT: "Barnard's star", 'ESO DET CHIP ID': 'x', EXPTIME: 30.25 };
    return { kind: 'image', name, data: images[name], shape: [NX, NY], compression, header };
  });
  await writeFitsFile(path, hdus, { sync: false });
  return names;
}

suite('files we write, read by astropy', python !== undefined, 'python3 with astropy', () => {
  it.for(Object.entries(codings))('images: %s', async ([title, compression]) => {
    const path = join(dir, `${title}.fits`);
    const names = await writeAll(path, compression);
    const log = run(python!, ['-c', DUMP, path, dir, ...names]);
    expect(log).not.toMatch(/[Cc]hecksum verification failed|[Dd]atasum/);
    await using file = await FitsFile.open(path);
    for (const name of names) {
      const raw = readFileSync(join(dir, `${name}.raw`));
      const lossy = compression?.algorithm === 'RICE_1' && name.startsWith('F');
      const ours = (await file.hdu(name).readImage()).data;
      if (!lossy) expect(ours, name).toEqual(images[name]);
      if (name === 'I8') continue; // astropy gives signed bytes as unsigned or as floats, by version
      if (!lossy) expect(raw.equals(bigEndian(images[name])), name).toBe(true);
      else {
        const theirs = Float64Array.from({ length: NX * NY }, (_, i) =>
          name === 'F32' ? raw.readFloatBE(4 * i) : raw.readDoubleBE(8 * i),
        );
        for (let i = 0; i < theirs.length; i++) expect(Math.abs(theirs[i] - Number(ours[i]))).toBeLessThan(1e-4);
      }
    }
  });

  it('a table', async () => {
    const path = join(dir, 'table.fits');
    await writeFitsFile(path, [
      {
        kind: 'table',
        name: 'CAT',
        columns: [
          { name: 'id', data: BigInt64Array.of(2n ** 60n + 1n, -5n, 7n) },
          { name: 'u', data: Uint32Array.of(0, 4294967295, 7) },
          { name: 'flag', data: Uint8Array.of(1, 0, 1), as: 'logical' },
          { name: 'text', data: ['a', '', "it's"] },
          { name: 'vla', data: [Float32Array.of(1, 2.5), new Float32Array(0), Float32Array.of(-3)] },
          { name: 'pair', data: Int16Array.of(1, 2, 3, 4, 5, 6), repeat: 2 },
          {
            name: 'bits',
            data: Uint8Array.from({ length: 30 }, (_, i) => (i % 3 === 0 ? 1 : 0)),
            as: 'bits',
            repeat: 10,
          },
        ],
      },
    ]);
    const script = `
import sys, json
from astropy.io import fits
d = fits.open(sys.argv[1], checksum=True)['CAT'].data
print(json.dumps({c: [x.tolist() if hasattr(x, 'tolist') else x for x in d[c]] for c in d.names}))
`;
    expect(JSON.parse(run(python!, ['-c', script, path]))).toEqual({
      id: [2 ** 60, -5, 7],
      u: [0, 4294967295, 7],
      flag: [true, false, true],
      text: ['a', '', "it's"],
      vla: [[1, 2.5], [], [-3]],
      pair: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      bits: [0, 1, 2].map((row) => Array.from({ length: 10 }, (_, k) => (row * 10 + k) % 3 === 0)),
    });
  });
});

suite('files we write, seen by fitsverify', has('fitsverify'), 'fitsverify', () => {
  it.for(Object.entries(codings))('%s', async ([title, compression]) => {
    const path = join(dir, `verify-${title}.fits`);
    await writeAll(path, compression);
    expect(run('fitsverify', [path])).toContain('Verification found 0 warning(s) and 0 error(s)');
  });
});

suite('files fpack writes', has('fpack') && has('funpack'), 'fpack and funpack', () => {
  const ways: [string, string[], string[]][] = [
    ['Rice', ['-r'], ['U8', 'I16', 'U16', 'I32', 'F32', 'F64']],
    ['Rice, one tile', ['-r', '-w'], ['I16', 'I32', 'F32']],
    ['gzip', ['-g'], ['U8', 'I16', 'U16', 'I32', 'F32']],
    ['gzip with shuffled bytes', ['-g2'], ['U8', 'I16', 'U16', 'I32', 'F32']],
    ['gzip, exact floats', ['-g2', '-q', '0'], ['F32', 'F64']],
    ['HCOMPRESS', ['-h'], ['I16', 'U16', 'F32']],
    ['HCOMPRESS, lossy', ['-h', '-s', '6'], ['I16', 'U16']],
    ['HCOMPRESS, tiles', ['-h', '-t', '50,31'], ['I16', 'U16']],
    ['PLIO', ['-p'], ['MASK']],
    ['Rice, dither 2', ['-r', '-qz', '4'], ['F32', 'F64']],
    ['Rice, no dither', ['-r', '-qn', '4'], ['F32']],
    ['no compression', ['-d'], ['I16']],
  ];
  it.for(ways)('%s', async ([title, flags, names]) => {
    const mask = Int16Array.from(sky(0, 100), (v) => (v > 100 ? 1 << (Math.floor(v) % 12) : 0));
    for (const name of names) {
      const stem = join(dir, `${title.replace(/\W/g, '')}-${name}`);
      const data = name === 'MASK' ? mask : images[name];
      await writeFitsFile(`${stem}.fits`, [{ kind: 'image', data, shape: [NX, NY] }], { sync: false });
      run('fpack', [...flags, `${stem}.fits`]);
      run('funpack', ['-O', `${stem}-un.fits`, `${stem}.fits.fz`]);
      await using packed = await FitsFile.open(`${stem}.fits.fz`);
      await using plain = await FitsFile.open(`${stem}-un.fits`);
      const ours = (await packed.hdu(1).readImage()).data;
      const theirs = (await plain.hdu(0).readImage()).data;
      expect(ours.constructor.name).toBe(theirs.constructor.name);
      let worst = 0;
      for (let i = 0; i < theirs.length; i++) worst = Math.max(worst, Math.abs(Number(ours[i]) - Number(theirs[i])));
      expect(worst, name).toBeLessThanOrEqual(name.startsWith('F') ? 1e-4 : 0);
      expect(packed.hdu(1).header.getInteger('NAXIS1')).toBe(NX);
    }
  });
});
