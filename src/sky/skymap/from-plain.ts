// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import { skyErrors } from '../errors.ts';
import { type SkyMapPlain, skyMapConfig } from './config.ts';
import { DiscreteSkyMap } from './discrete.ts';
import { HealpixSkyMap } from './healpix-map.ts';
import { RingsSkyMap } from './rings.ts';
import type { SkyMap } from './skymap.ts';

/**
 * A sky map from its configuration: `name`, `type` (discrete, rings, healpix) and the parameters of that type.
 * @throws SKY_BAD_SKYMAP naming the wrong parameter
 */
export function parseSkyMap(plain: unknown): SkyMap {
  const parsed = skyMapConfig.safeParse(plain);
  if (!parsed.success) {
    const name = (plain as { name?: unknown } | null)?.name;
    throw skyErrors.BAD_SKYMAP({
      name: String(name ?? '?'),
      rule: z.prettifyError(parsed.error).replaceAll('\n', ' '),
    });
  }
  const config: SkyMapPlain = parsed.data;
  switch (config.type) {
    case 'discrete':
      return new DiscreteSkyMap(config);
    case 'rings':
      return new RingsSkyMap(config);
    case 'healpix':
      return new HealpixSkyMap(config);
  }
}
