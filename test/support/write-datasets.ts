// SPDX-License-Identifier: BSD-3-Clause
/* A process that writes one dataset of each kind of file into a new repository; what the write-once test looks at. */
import { Butler } from '../../src/butler/index.ts';
import { makeTanWcs } from '../../src/sky/index.ts';
import { addCamera } from '../butler/camera.ts';

const butler = await Butler.create(process.argv[2]);
await addCamera(butler);
await butler.registerCollection('run', 'RUN');
const n = 1500 * 1000;
const exposure = {
  width: 1500,
  height: 1000,
  x0: 0,
  y0: 0,
  image: Float32Array.from({ length: n }, (_, i) => Math.sin(i)),
  variance: new Float32Array(n).fill(4),
  mask: Int32Array.from({ length: n }, (_, i) => (i % 911 === 0 ? 2 : 0)),
  wcs: makeTanWcs({ raDeg: 10, decDeg: -5, x: 750, y: 500, pixelScaleArcsec: 0.2 }),
  metadata: { ORIGIN: 'test' },
};
const rows = 300_000;
const table = {
  rows,
  columns: {
    id: BigInt64Array.from({ length: rows }, (_, i) => BigInt(i)),
    flux: Float64Array.from({ length: rows }, (_, i) => Math.sqrt(i)),
    name: Array.from({ length: rows }, (_, i) => `s${i}`),
  },
};
const objects: [string, string, unknown][] = [
  ['calexp', 'ExposureF', exposure],
  ['src', 'ArrowAstropy', table],
  ['metrics', 'StructuredDataDict', { list: Array.from({ length: 20_000 }, (_, i) => i / 7) }],
  ['metadata', 'TaskMetadata', { a: 1 }],
];
await butler.registerDatasetTypes(
  objects.map(([name, storage]) => butler.makeDatasetType(name, ['detector'], storage)),
);
for (const [name, , object] of objects) await butler.put(object, name, { instrument: 'Cam', detector: 1 }, 'run');
await butler.close();
