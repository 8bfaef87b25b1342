// SPDX-License-Identifier: BSD-3-Clause

import { SkymillError } from '../../base/index.ts';
import { InvalidQuantum, NoWorkFound, RepeatableFailure, UnprocessableData } from '../../pipeline/index.ts';
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

/** What tasks say about their own failures: by class or, of tasks that come with another copy of it or from the Rubin middleware, by name. */
const declaredKinds = {
  noWork: { thrown: NoWorkFound, names: ['NoWorkFound', 'UpstreamFailureNoWorkFound'] },
  unprocessable: { thrown: UnprocessableData, names: ['UnprocessableData', 'UnprocessableDataError'] },
  repeatable: { thrown: RepeatableFailure, names: ['RepeatableFailure', 'RepeatableQuantumError'] },
  invalid: { thrown: InvalidQuantum, names: ['InvalidQuantum', 'InvalidQuantumError'] },
} as const satisfies Partial<Record<CauseKind, { thrown: new (message?: string) => Error; names: readonly string[] }>>;

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
  for (const [kind, { thrown, names }] of Object.entries(declaredKinds))
    if (error instanceof thrown || (names as readonly string[]).includes(error.name)) return kind as CauseKind;
  return 'exception';
}
