// SPDX-License-Identifier: BSD-3-Clause
import { SkymillError } from '../../../base/index.ts';
import { butlerErrors } from '../../errors.ts';

interface MariadbError {
  code?: string;
  errno?: number;
  sqlState?: string;
  sqlMessage?: string;
  message: string;
}

/** Numbers of the server's errors that are told apart. */
const numbers = {
  full: [1040, 1203, 1226],
  lost: [1053, 1927, 1317, 2006, 2013, 4031],
  denied: [1045, 1698],
  noRight: [1044, 1142, 1143, 1227, 1370],
  noDatabase: [1049],
  readOnly: [1290, 1792, 1836],
  diskFull: [1021, 1114],
  /** Deadlock, or a lock that was waited for too long. */
  deadlock: [1205, 1213],
  duplicate: [1062, 1586],
  present: [1007, 1050],
  constraint: [1048, 1062, 1216, 1217, 1264, 1406, 1451, 1452, 1586, 1690, 4025],
};

function originOf(error: unknown): Partial<MariadbError> {
  return ((error instanceof SkymillError ? error.cause : error) ?? {}) as Partial<MariadbError>;
}

function is(error: unknown, kind: keyof typeof numbers): boolean {
  const { errno, sqlState } = originOf(error);
  return errno !== undefined && sqlState !== undefined && numbers[kind].includes(errno);
}

const systemCodes =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ENOENT|EADDRNOTAVAIL|PROTOCOL_CONNECTION_LOST|PROTOCOL_SEQUENCE_TIMEOUT)$/;

/** Whether the connection is gone (or never came about), so that another must be made. */
export function isConnectionLoss(error: unknown): boolean {
  if (error instanceof SkymillError && error.code !== 'BUTLER_DATABASE_INTERRUPTED') return false;
  const { code, message } = originOf(error);
  return (
    is(error, 'lost') ||
    (typeof code === 'string' && systemCodes.test(code)) ||
    (typeof message === 'string' && /closed state|Connection lost|connection is in closed/i.test(message))
  );
}

/** Whether the server has no room for another connection at the moment. */
export function isServerFull(error: unknown): boolean {
  return is(error, 'full');
}

/** Whether another transaction was in the way, so that the server undid this one. */
export function isDeadlock(error: unknown): boolean {
  return is(error, 'deadlock');
}

/** Whether another writer had just written the same rows or made the same table: the surrounding transaction remains usable. */
export function isLocalCollision(error: unknown): boolean {
  return is(error, 'duplicate') || is(error, 'present');
}

/** Gives the server's errors a name of ours; errors that are not the server's pass unchanged. `location` has no password. */
export function translateMariadbError(error: unknown, location: string, table: string): unknown {
  if (error instanceof SkymillError) return error;
  const { errno, sqlState, sqlMessage, message = '' } = originOf(error);
  const options = { cause: error };
  if (isConnectionLoss(error)) return butlerErrors.DATABASE_INTERRUPTED({ location, reason: message }, options);
  if (errno === undefined || sqlState === undefined) return error;
  const reason = sqlMessage ?? message;
  if (is(error, 'constraint')) {
    const detail = errno === 1690 ? 'another row has the same value where each must have its own' : reason;
    return butlerErrors.CONSTRAINT({ table, detail }, options);
  }
  if (is(error, 'noRight')) return butlerErrors.NO_PRIVILEGE({ location, reason }, options);
  if (is(error, 'readOnly')) return butlerErrors.READ_ONLY({ root: location, action: `write ${table}` }, options);
  if (is(error, 'diskFull')) return butlerErrors.DISK_FULL({ path: location }, options);
  if (is(error, 'deadlock')) return butlerErrors.DATABASE_COLLISION({ location, reason }, options);
  return butlerErrors.DATABASE_FAILED(
    { location, reason: `${reason} (error ${errno}, SQLSTATE ${sqlState})` },
    options,
  );
}

/** Why a session could not be begun. */
export function translateConnectError(
  error: unknown,
  address: { location: string; user: string; database: string; credentials: string; hasPassword: boolean },
): unknown {
  if (error instanceof SkymillError) return error;
  const { location, user, database } = address;
  const { message = '', code } = originOf(error);
  const options = { cause: error };
  if (is(error, 'denied')) {
    const reason = address.hasPassword
      ? `the server refuses the user "${user}" with the password from ${address.credentials}`
      : `the server wants a password for the user "${user}", and there is none in ${address.credentials}`;
    return butlerErrors.BAD_CREDENTIALS({ location, reason }, options);
  }
  if (is(error, 'noDatabase')) return butlerErrors.NO_DATABASE({ location, database }, options);
  if (is(error, 'noRight')) return butlerErrors.NO_PRIVILEGE({ location, reason: message }, options);
  return butlerErrors.DATABASE_UNREACHABLE(
    { location, reason: message === '' ? String(code ?? error) : message },
    options,
  );
}
