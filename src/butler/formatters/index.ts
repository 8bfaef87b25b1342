// SPDX-License-Identifier: BSD-3-Clause
/** Importing this makes the built-in formatters known. */
import { registerExposureFormatters } from './exposure/index.ts';
import { registerSkyMapFormatter } from './sky-map.ts';
import { registerStructuredFormatters } from './structured.ts';
import { registerTableFormatter } from './table.ts';

registerStructuredFormatters();
registerTableFormatter();
registerSkyMapFormatter();
registerExposureFormatters();

export type { ImagePlane, MaskPlaneImage } from './exposure/planes.ts';
export {
  type Formatter,
  type FormatterFile,
  findFormatter,
  type ReadContext,
  registerFormatter,
  type WriteContext,
} from './formatter.ts';
