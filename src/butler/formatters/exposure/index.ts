// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../../base/index.ts';
import { FileSource, FitsFile } from '../../../fits/index.ts';
import type { Exposure, MaskedImage } from '../../../pixels/index.ts';
import { butlerErrors } from '../../errors.ts';
import type { Formatter, FormatterFile, ReadContext, WriteContext } from '../formatter.ts';
import { RangeSource } from '../range-source.ts';
import type { Box } from './frame.ts';
import { HeldExposure } from './held.ts';
import type { ImagePlane, MaskPlaneImage } from './planes.ts';
import { ExposureFile, type OpenExposure } from './read.ts';
import { compressionsOf, isLossless } from './recipe.ts';
import { writeExposure, writePlane } from './write.ts';

type ComponentReader = (file: OpenExposure, box: Box) => unknown;

/** Components; all but the planes are read from headers and small tables, without the pixels. */
const components: Readonly<Record<string, ComponentReader>> = {
  bbox: (file) => file.bbox,
  dimensions: ({ bbox }) => ({ width: bbox.x1 - bbox.x0, height: bbox.y1 - bbox.y0 }),
  xy0: ({ bbox }) => ({ x0: bbox.x0, y0: bbox.y0 }),
  wcs: (file) => file.wcs,
  psf: (file) => file.psf(),
  photoCalib: (file) => file.photoCalib,
  visitInfo: (file) => file.visitInfo,
  apCorr: (file) => file.apCorr(),
  metadata: (file) => file.metadata,
  filter: ({ labels }) => ({ band: labels.band, physicalFilter: labels.physicalFilter }),
  detector: ({ labels }) => labels.detector,
  image: (file, box) => file.image(box),
  mask: (file, box) => file.mask(box),
  variance: (file, box) => file.variance(box),
};

function formatterOf(
  whole: (file: OpenExposure, box: Box) => Promise<unknown>,
  known: readonly string[],
  write: NonNullable<Formatter['write']>,
): Formatter {
  const give = async (opened: OpenExposure, context: ReadContext): Promise<unknown> => {
    const { component, storageClass } = context;
    if (component !== undefined && !known.includes(component)) {
      throw butlerErrors.NO_COMPONENT({ component, storageClass, hint: didYouMean(component, known) });
    }
    const box = wantedBox(opened.bbox, context);
    return component === undefined ? whole(opened, box) : components[component](opened, box);
  };
  return {
    extension: '.fits',
    read: (file, context) => withFits(file, (opened) => give(opened, context)),
    write,
    async hold(object, from, context) {
      if (!isLossless(compressionsOf(context))) return undefined;
      const masked = assertMaskedImage(object, context);
      const held = from === 'read' ? new HeldExposure(masked) : await HeldExposure.asWritten(masked);
      return { sizeBytes: held.sizeBytes, read: (reading) => give(held, reading) };
    },
  };
}

async function withFits<T>(file: FormatterFile, body: (opened: ExposureFile) => Promise<T>): Promise<T> {
  const source = file.isRemote ? new RangeSource(file) : await FileSource.open(file.path, file.window);
  try {
    await using fits = await FitsFile.open(source);
    return await body(new ExposureFile(fits));
  } finally {
    file.countRead(source.bytesRead);
  }
}

/** Parameter `bbox`: pixels `{x0, y0, x1, y1}`, x1 and y1 exclusive, in the parent frame (`origin: 'LOCAL'`: counted from the first pixel). */
function wantedBox(all: Box, { parameters, storageClass }: ReadContext): Box {
  const { bbox, origin, ...others } = parameters as { bbox?: Partial<Box>; origin?: string };
  const refuse = (parameter: string, problem: string): never => {
    throw butlerErrors.BAD_PARAMETER({ parameter, storageClass, problem });
  };
  for (const name of Object.keys(others)) refuse(name, 'images take "bbox" and "origin"');
  if (bbox === undefined) return all;
  if (origin !== undefined && origin !== 'PARENT' && origin !== 'LOCAL')
    refuse('origin', `${origin} is neither PARENT nor LOCAL`);
  const shift = origin === 'LOCAL' ? all : { x0: 0, y0: 0 };
  const box: Box = {
    x0: Number(bbox.x0) + shift.x0,
    y0: Number(bbox.y0) + shift.y0,
    x1: Number(bbox.x1) + shift.x0,
    y1: Number(bbox.y1) + shift.y0,
  };
  const text = ({ x0, y0, x1, y1 }: Box): string => `[${x0}, ${x1}) × [${y0}, ${y1})`;
  if (!Object.values(box).every(Number.isInteger)) refuse('bbox', `${text(box)} is not made of whole pixels`);
  const inside = box.x0 >= all.x0 && box.y0 >= all.y0 && box.x1 <= all.x1 && box.y1 <= all.y1;
  if (!inside || box.x0 >= box.x1 || box.y0 >= box.y1)
    refuse('bbox', `${text(box)} is empty or not inside ${text(all)}`);
  return box;
}

const planes = ['bbox', 'dimensions', 'xy0', 'wcs', 'metadata'];
const exposureFormatter = formatterOf(
  (file, box) => file.exposure(box),
  Object.keys(components),
  (object, sink, context) => writeExposure(assertMaskedImage(object, context), sink, compressionsOf(context)),
);
const maskedImageFormatter = formatterOf(
  async (file, box): Promise<MaskedImage> => {
    const { width, height, x0, y0, image, mask, variance } = await file.exposure(box);
    return { width, height, x0, y0, image, mask, variance };
  },
  [...planes, 'image', 'mask', 'variance'],
  (object, sink, context) => writeExposure(assertMaskedImage(object, context), sink, compressionsOf(context)),
);
const imageFormatter = formatterOf(
  (file, box) => file.image(box),
  planes,
  (object, sink, context) =>
    writePlane(assertPlane<ImagePlane>(object, Float32Array, context), sink, compressionsOf(context)),
);
const maskFormatter = formatterOf(
  (file, box) => file.mask(box),
  planes,
  (object, sink, context) =>
    writePlane(assertPlane<MaskPlaneImage>(object, Int32Array, context), sink, compressionsOf(context)),
);

function assertMaskedImage(object: unknown, { storageClass }: WriteContext): Exposure {
  const exposure = object as Partial<Exposure> | null;
  const pixels = (exposure?.width ?? 0) * (exposure?.height ?? 0);
  for (const [name, type] of [
    ['image', Float32Array],
    ['variance', Float32Array],
    ['mask', Int32Array],
  ] as const) {
    const plane = exposure?.[name];
    if (plane instanceof type && plane.length === pixels) continue;
    const found =
      plane instanceof type
        ? `a ${name} plane of ${plane.length} pixels for ${pixels}`
        : `an object without a ${name} plane`;
    throw butlerErrors.BAD_OBJECT({ storageClass, expected: 'an image with its mask and variance', found });
  }
  return exposure as Exposure;
}

function assertPlane<T extends ImagePlane | MaskPlaneImage>(
  object: unknown,
  type: typeof Float32Array | typeof Int32Array,
  { storageClass }: WriteContext,
): T {
  const plane = object as Partial<T> | null;
  if (plane?.data instanceof type && plane.data.length === (plane.width ?? 0) * (plane.height ?? 0)) return plane as T;
  throw butlerErrors.BAD_OBJECT({
    storageClass,
    expected: '{width, height, x0, y0, data}',
    found: `another ${typeof object}`,
  });
}

/** By the names of the peer's classes. */
export const exposureFormatters = {
  FitsExposureFormatter: exposureFormatter,
  FitsMaskedImageFormatter: maskedImageFormatter,
  FitsImageFormatter: imageFormatter,
  FitsMaskFormatter: maskFormatter,
} as const;
