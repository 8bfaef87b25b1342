// SPDX-License-Identifier: BSD-3-Clause

import { SkymillError } from '../../base/index.ts';
import { NoWorkFound, UnprocessableData } from '../../pipeline/index.ts';
import type { Cause, CauseKind } from './record.ts';

/**
 * What stays the same when one problem hits many quanta: the message without UUIDs, paths, quoted values and numbers.
 * At most 200 characters.
 */
export function signatureOf(kind: string, message: string): string {
  const text = message
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '<uuid>')
    .replace(/(?:[a-z]+:\/\/|(?<![\w.])\.{0,2}\/)[^\s:,;'")]+/gi, '<path>')
    .replace(/"[^"]*"|'[^']*'/g, '<text>')
    .replace(/(?<![a-z_])[-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?/gi, '<n>')
    .replace(/\s+/g, ' ')
    .trim();
  return `${kind}: ${text}`.slice(0, 200);
}

/** Errors that say that a task's output is not what it declared, or not a whole file. */
const WRONG_OUTPUT =
  /^(RUN_(UNKNOWN_OUTPUT|MISSING_OUTPUT|OUTPUT_COUNT|OUTPUT_TYPE|OUTPUT_EMPTY)|BUTLER_TRUNCATED_WRITE)$/;

/** The cause an exception of a task becomes. */
export function causeOfException(thrown: unknown): Cause {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const code = (error as { code?: unknown }).code;
  const kind = kindOf(error, code);
  const message = error.message.split('\n')[0];
  return {
    kind,
    message,
    signature: typeof code === 'string' ? signatureOf(code, message) : signatureOf(error.name, message),
    exception: error.name,
    code: typeof code === 'string' ? code : undefined,
    next: error instanceof SkymillError ? error.next : undefined,
    stack: error.stack,
  };
}

function kindOf(error: Error, code: unknown): CauseKind {
  if (typeof code === 'string' && WRONG_OUTPUT.test(code)) return 'wrongOutput';
  if (error instanceof NoWorkFound || error.name === 'NoWorkFound') return 'noWork';
  if (error instanceof UnprocessableData || error.name === 'UnprocessableData') return 'unprocessable';
  return 'exception';
}
