// SPDX-License-Identifier: BSD-3-Clause
import { butlerErrors } from '../../errors.ts';
import { shownUrl } from './access.ts';

const reasons: Record<number, string> = {
  401: 'the server wants to know who asks: no credentials were given, or wrong ones',
  403: 'the server does not permit it',
  407: 'a proxy wants to know who asks',
  429: 'the server has too many requests',
};

/** Worth another try after a while. */
export function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

export function statusError(url: string, status: number): Error {
  const reason = `${reasons[status] ?? 'the server refuses'} (HTTP ${status})`;
  return butlerErrors.FILE_UNREADABLE({ path: shownUrl(url), reason });
}

export function networkError(url: string, error: unknown): Error {
  const { message, cause } = error as Error & { cause?: Error & { code?: string } };
  const reason = cause?.code ?? cause?.message ?? message;
  return butlerErrors.FILE_UNREADABLE(
    { path: shownUrl(url), reason: `no answer from the server (${reason})` },
    { cause: error },
  );
}
