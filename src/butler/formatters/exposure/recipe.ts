// SPDX-License-Identifier: BSD-3-Clause
import type { HduToWrite } from '../../../fits/index.ts';
import { butlerErrors } from '../../errors.ts';
import type { WriteContext } from '../formatter.ts';

type Compression = NonNullable<Extract<HduToWrite, { kind: 'image' }>['compression']>;
export type PlaneName = 'image' | 'mask' | 'variance';
export type PlaneCompressions = Readonly<Record<PlaneName, Compression | undefined>>;

/** As configurations describe the compression of a plane. */
interface PlaneRecipe {
  algorithm?: string;
  quantization?: { dither?: string; level?: number };
}

/** A mask is mostly zeros: Rice makes a few per cent of it, without loss. Samples of images stay as they are. */
const ours: PlaneCompressions = { image: undefined, mask: { algorithm: 'RICE_1' }, variance: undefined };
const lossless: PlaneRecipe = { algorithm: 'GZIP_2' };
const lossy16: PlaneRecipe = { algorithm: 'RICE_1', quantization: { dither: 'SUBTRACTIVE_DITHER_2', level: 16 } };
/** Recipes of the format that need no definition in the configuration. */
const named: Readonly<Record<string, Partial<Record<PlaneName, PlaneRecipe>> | null>> = {
  noCompression: null,
  lossless: { image: lossless, mask: lossless, variance: lossless },
  lossy16: { image: lossy16, mask: lossless, variance: lossy16 },
};

/** How the planes of an image are compressed, by the write parameter `recipe` (a name, or what the configuration says of it). */
export function compressionsOf({ parameters, storageClass }: WriteContext): PlaneCompressions {
  const recipe = parameters?.['recipe'];
  if (recipe === undefined || recipe === 'default') return ours;
  const refuse = (problem: string): never => {
    throw butlerErrors.BAD_PARAMETER({ parameter: 'recipe', storageClass, problem });
  };
  if (typeof recipe === 'string' && !(recipe in named)) refuse(`there is no recipe "${recipe}" under write_recipes`);
  const planes = (typeof recipe === 'string' ? named[recipe] : recipe) as (typeof named)[string];
  const plane = (name: PlaneName): Compression | undefined => {
    const { algorithm, quantization } = planes?.[name] ?? {};
    if (algorithm === undefined) return undefined;
    if (algorithm !== 'RICE_1' && algorithm !== 'GZIP_2') return refuse(`${algorithm} is neither RICE_1 nor GZIP_2`);
    const dither = quantization?.dither;
    if (dither !== undefined && !['NO_DITHER', 'SUBTRACTIVE_DITHER_1', 'SUBTRACTIVE_DITHER_2'].includes(dither)) {
      refuse(`${dither} is no way of dithering`);
    }
    return {
      algorithm,
      ...(quantization?.level === undefined ? {} : { level: quantization.level }),
      ...(dither === undefined ? {} : { dither: dither as Compression['dither'] }),
    };
  };
  return { image: plane('image'), mask: plane('mask'), variance: plane('variance') };
}

/** Whether samples come back as they were. */
export function isLossless({ image, mask, variance }: PlaneCompressions): boolean {
  const floats = [image, variance].every((how) => how === undefined || how.algorithm !== 'RICE_1');
  return floats && [image, mask, variance].every((how) => how?.level === undefined);
}
