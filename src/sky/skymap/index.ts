// SPDX-License-Identifier: BSD-3-Clause
import type { SkyMap } from './skymap.ts';

export type { SkyMapPlain } from './config.ts';
export type { Patch, PixelBounds, SkyMap, Tract } from './skymap.ts';

/**
 * A sky map from its configuration: `name`, `type` (discrete, rings, healpix) and the parameters of that type.
 * The code of sky maps is loaded when one is first wanted.
 * @throws SKY_BAD_SKYMAP naming the wrong parameter
 */
export async function skyMapFromPlain(plain: unknown): Promise<SkyMap> {
  const { parseSkyMap } = await import('./from-plain.ts');
  return parseSkyMap(plain);
}
