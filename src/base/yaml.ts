// SPDX-License-Identifier: BSD-3-Clause
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);
let library: typeof import('yaml') | undefined;

/** The YAML library, which is loaded when it is first asked for: its many modules would take a third of the start of a short command. */
export function yaml(): typeof import('yaml') {
  library ??= load('yaml') as typeof import('yaml');
  return library;
}
