// SPDX-License-Identifier: BSD-3-Clause
import { type SkyMap, skyMapFromPlain } from '../../sky/index.ts';
import { butlerErrors } from '../errors.ts';
import type { Formatter } from './formatter.ts';
import { jsonFormatter } from './structured.ts';

/** Sky maps as the JSON of their configuration. */
export const skyMapFormatter: Formatter = {
  extension: '.json',
  async read(file, context) {
    return skyMapFromPlain(await jsonFormatter.read(file, context));
  },
  write(object, sink, context) {
    const skyMap = object as Partial<SkyMap> | null;
    if (typeof skyMap?.toPlain !== 'function') {
      throw butlerErrors.BAD_OBJECT({
        storageClass: context.storageClass,
        expected: 'a sky map',
        found: typeof object,
      });
    }
    return jsonFormatter.write!(skyMap.toPlain(), sink, context);
  },
};
