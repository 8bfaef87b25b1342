// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { fileError } from '../datastore/posix/errors.ts';
import { butlerErrors } from '../errors.ts';

/**
 * A whole text file.
 * @throws BUTLER_FILE_UNREADABLE
 */
export function readText(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    if (error instanceof TypeError) {
      throw butlerErrors.FILE_UNREADABLE({ path: file, reason: 'it is not UTF-8 text' }, { cause: error });
    }
    throw fileError(error, file, 'read');
  }
}
