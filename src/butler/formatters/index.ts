// SPDX-License-Identifier: BSD-3-Clause
/** Importing this makes the built-in formatters known. */
import { lazyFormatter, registerFormatter } from './formatter.ts';
import { registerLogFormatter } from './logs.ts';
import { registerPackagesFormatter } from './packages.ts';
import { registerPythonOnlyFormatters } from './python-only.ts';
import { registerStructuredFormatters } from './structured.ts';
import { registerTaskMetadataFormatter } from './task-metadata.ts';
import { registerTimespanFormatter } from './timespan.ts';

registerStructuredFormatters();
registerLogFormatter();
registerTaskMetadataFormatter();
registerPackagesFormatter();
registerTimespanFormatter();
registerPythonOnlyFormatters();

// Images and tables need the most code; it is loaded with the first image or table.
const peer = 'lsst.daf.butler.formatters';
const table = lazyFormatter('.parq', async () => (await import('./table.ts')).tableFormatter);
const ecsv = lazyFormatter('.ecsv', async () => (await import('./ecsv.ts')).ecsvFormatter);
const skyMap = lazyFormatter('.json', async () => (await import('./sky-map.ts')).skyMapFormatter);
registerFormatter(`${peer}.parquet.ParquetFormatter`, table);
registerFormatter(`${peer}.astropyTable.AstropyTableFormatter`, ecsv);
registerFormatter(`${peer}.json.JsonFormatter`, skyMap, ['SkyMap']);
for (const name of [
  'FitsExposureFormatter',
  'FitsMaskedImageFormatter',
  'FitsImageFormatter',
  'FitsMaskFormatter',
] as const) {
  const load = async () => (await import('./exposure/index.ts')).exposureFormatters[name];
  registerFormatter(
    `lsst.obs.base.formatters.fitsExposure.${name}`,
    lazyFormatter('.fits', load, name === 'FitsExposureFormatter' || name === 'FitsMaskedImageFormatter'),
  );
}

export type { ImagePlane, MaskPlaneImage } from './exposure/planes.ts';
export {
  type Formatter,
  type FormatterFile,
  findFormatter,
  type ReadContext,
  registerFormatter,
  type WriteContext,
} from './formatter.ts';
