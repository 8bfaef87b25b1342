// SPDX-License-Identifier: BSD-3-Clause
import { SkymillError } from '../../../base/index.ts';
import { runErrors } from '../../errors.ts';
import type { DatasetSpec } from '../protocol.ts';

/**
 * Makes a dataset of what a task returned, by `write`, and says which output of which task it is where that cannot be done. Trouble of the disk stays
 * what it is.
 * @throws RUN_OUTPUT_TYPE, RUN_OUTPUT_EMPTY
 */
export async function writeOutput<T extends { record?: { sizeBytes: number }; sizeBytes?: number }>(
  label: string,
  output: DatasetSpec,
  object: unknown,
  write: () => Promise<T>,
): Promise<T> {
  const { connection, datasetType } = output;
  if (typeof (object as PromiseLike<unknown> | undefined)?.then === 'function')
    throw runErrors.OUTPUT_TYPE({ label, connection, datasetType, problem: 'it is a promise that was not awaited' });
  let written: T;
  try {
    written = await write();
  } catch (error) {
    if (isOfDisk(error)) throw error;
    const problem = error instanceof Error ? error.message : String(error);
    throw runErrors.OUTPUT_TYPE({ label, connection, datasetType, problem }, { cause: error });
  }
  const size = written.record?.sizeBytes ?? written.sizeBytes;
  if (size === 0 && !isEmpty(object)) throw runErrors.OUTPUT_EMPTY({ label, connection, datasetType });
  return written;
}

/** What a task's `run` gave, as outputs by connection. @throws RUN_OUTPUT_TYPE */
export function returnedOutputs(label: string, returned: unknown): Readonly<Record<string, unknown>> {
  if (returned === undefined || returned === null) return {};
  if (typeof returned === 'object' && !Array.isArray(returned)) return returned as Record<string, unknown>;
  const problem = `an object of outputs by connection was expected, not ${Array.isArray(returned) ? 'an array' : `a ${typeof returned}`}`;
  throw runErrors.OUTPUT_TYPE({ label, connection: '*', datasetType: '*', problem });
}

function isOfDisk(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (typeof code !== 'string') return false;
  if (error instanceof SkymillError) return /^BUTLER_(DISK_FULL|NOT_WRITEABLE|FILE_\w+|TRUNCATED_WRITE)$/.test(code);
  return /^E[A-Z0-9]+$/.test(code); // a call of the system; the runtime's own codes begin with ERR_
}

/** An object of no bytes may make a file of none. */
function isEmpty(object: unknown): boolean {
  return object === '' || (object instanceof Uint8Array && object.length === 0);
}
