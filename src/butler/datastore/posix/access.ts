// SPDX-License-Identifier: BSD-3-Clause
import { accessSync, constants } from 'node:fs';
import { fileError, isMissing } from './errors.ts';

/** Refuses files and folders that exist and cannot be written, before work begins that would end at them. @throws BUTLER_NOT_WRITEABLE */
export function assertWriteable(paths: readonly string[]): void {
  for (const path of paths) {
    try {
      accessSync(path, constants.W_OK);
    } catch (error) {
      if (!isMissing(error)) throw fileError(error, path, 'write');
    }
  }
}
