// SPDX-License-Identifier: BSD-3-Clause
import { defineErrors } from '../../base/index.ts';

export const configErrors = defineErrors('BUTLER_CONFIG', {
  NO_KEY: {
    message: (p: { key: string; name: string; where: string; hint: string }) =>
      `"${p.key}" leads nowhere: there is no "${p.name}" in ${p.where}.${p.hint}`,
    next: 'Begin the key with the character that separates its names, as in .datastore.root; `skymill config-dump` shows all keys.',
  },
});
