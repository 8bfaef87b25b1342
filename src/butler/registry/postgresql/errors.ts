// SPDX-License-Identifier: BSD-3-Clause
import { SkymillError } from '../../../base/index.ts';
import { butlerErrors } from '../../errors.ts';

interface PostgresError {
  code?: string;
  message: string;
  detail?: string;
  table?: string;
  constraint?: string;
}

/** The server's five-character code (SQLSTATE), also of an error that has been given a name of ours. */
export function sqlState(error: unknown): string | undefined {
  const origin = error instanceof SkymillError ? error.cause : error;
  const code = (origin as PostgresError | null | undefined)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

const systemCodes =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ENOENT|EADDRNOTAVAIL)$/;

/** Whether the connection is gone (or never came about), so that another must be made. */
export function isConnectionLoss(error: unknown): boolean {
  if (error instanceof SkymillError && error.code !== 'BUTLER_DATABASE_INTERRUPTED') return false;
  const origin = error instanceof SkymillError ? error.cause : error;
  const { code, message } = (origin ?? {}) as PostgresError;
  // 08: connection exceptions; 57P01..57P05: the server shuts down, crashed, starts up or dropped an idle session.
  if (typeof code === 'string' && (/^(08|57P0[1-5])/.test(code) || systemCodes.test(code))) return true;
  return (
    typeof message === 'string' &&
    /^(Connection terminated|Client has encountered a connection error|timeout expired|server conn crashed|terminating connection)/i.test(
      message,
    )
  );
}

/** Whether the server has no room for another connection at the moment. */
export function isServerFull(error: unknown): boolean {
  return sqlState(error) === '53300' || /no more connections allowed/.test((error as Error | undefined)?.message ?? '');
}

/** Whether another transaction was in the way (deadlock, serialisation), so that the server undid this one. */
export function isDeadlock(error: unknown): boolean {
  return /^(40001|40P01)$/.test(sqlState(error) ?? '');
}

/** Whether another writer had just written the same rows or made the same table: once the savepoint is restored, the transaction remains usable. */
export function isLocalCollision(error: unknown): boolean {
  return /^(23505|23P01|42P07|42710)$/.test(sqlState(error) ?? '');
}

/** Gives the server's codes a name of ours; errors that are not the server's pass unchanged. `location` has no password. */
export function translatePostgresError(error: unknown, location: string, table: string): unknown {
  if (error instanceof SkymillError) return error;
  if (isConnectionLoss(error)) {
    return butlerErrors.DATABASE_INTERRUPTED({ location, reason: (error as Error).message }, { cause: error });
  }
  const code = sqlState(error);
  if (code === undefined) return error;
  const { message, detail, table: named } = error as PostgresError;
  if (code.startsWith('23')) {
    const reason = detail === undefined ? message : `${message}: ${detail}`;
    return butlerErrors.CONSTRAINT({ table: named ?? table, detail: reason }, { cause: error });
  }
  switch (code) {
    case '42501':
      return butlerErrors.NO_PRIVILEGE({ location, reason: message }, { cause: error });
    case '25006':
      return butlerErrors.READ_ONLY({ root: location, action: `write ${table}` }, { cause: error });
    case '53100':
      return butlerErrors.DISK_FULL({ path: location }, { cause: error });
    case '40001':
    case '40P01':
      return butlerErrors.DATABASE_COLLISION({ location, reason: message }, { cause: error });
    default:
      return butlerErrors.DATABASE_FAILED({ location, reason: `${message} (SQLSTATE ${code})` }, { cause: error });
  }
}

/** Why a session could not be begun. */
export function translateConnectError(
  error: unknown,
  address: { location: string; user: string; database: string; credentials: string; hasPassword: boolean },
): unknown {
  if (error instanceof SkymillError) return error;
  const { location, user, database } = address;
  const message = (error as Error).message;
  const code = sqlState(error);
  if (code?.startsWith('28') || /password must be a string|SASL|no password/i.test(message)) {
    const reason = address.hasPassword
      ? `the server refuses the user "${user}" with the password from ${address.credentials}`
      : `the server wants a password for the user "${user}", and there is none in ${address.credentials}`;
    return butlerErrors.BAD_CREDENTIALS({ location, reason }, { cause: error });
  }
  if (code === '3D000') return butlerErrors.NO_DATABASE({ location, database }, { cause: error });
  const reason = message === '' ? String((error as { code?: string }).code ?? error) : message;
  return butlerErrors.DATABASE_UNREACHABLE({ location, reason }, { cause: error });
}
