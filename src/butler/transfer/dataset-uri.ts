// SPDX-License-Identifier: BSD-3-Clause
import { Butler } from '../butler.ts';
import type { DatasetRef } from '../types.ts';
import { transferErrors } from './errors.ts';

export interface DatasetUri {
  /** Label or path of the repository. */
  readonly label: string;
  readonly id: string;
}

const uuid = /^(?:urn:uuid:)?\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?$/i;

/**
 * Reads `butler://LABEL/UUID` or an IVOA identifier with `?repo=LABEL&id=UUID` (IVOA Identifiers 2.0; the query is Rubin's DMTN-302).
 * Authority and path of the latter are the publisher's and mean nothing here; a path to a repository may stand for the label there.
 * @throws TRANSFER_BAD_DATASET_URI
 */
export function parseDatasetUri(uri: string): DatasetUri {
  const bad = (problem: string): Error => transferErrors.BAD_DATASET_URI({ uri, problem });
  const match = /^(butler|ivo):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?/i.exec(uri);
  if (match === null) throw bad('its scheme is neither butler nor ivo');
  const [, scheme, authority, path, query = ''] = match;
  const values = new URLSearchParams(query);
  const parameter = (name: string): string => {
    const found = values.getAll(name);
    if (found.length !== 1) throw bad(`it has ${found.length === 0 ? 'no' : 'more than one'} "${name}" in its query`);
    return found[0];
  };
  const isIvo = scheme.toLowerCase() === 'ivo';
  const label = (isIvo ? parameter('repo') : authority).trim();
  const text = isIvo ? parameter('id') : path.slice(1);
  if (label === '') throw bad('the repository is missing');
  const id = uuid.exec(text);
  if (id === null) throw bad(`"${text}" is not a UUID`);
  return { label, id: id.slice(1).join('-').toLowerCase() };
}

/** The address of a dataset in a repository that others know under this label. */
export function formatDatasetUri({ label, id }: DatasetUri): string {
  return `butler://${label}/${id}`;
}

/**
 * Opens the repository that a dataset URI names and finds the dataset. Whoever asked closes the butler.
 * @throws TRANSFER_NO_SUCH_DATASET
 */
export async function openDatasetUri(uri: string): Promise<{ butler: Butler; ref: DatasetRef }> {
  const { label, id } = parseDatasetUri(uri);
  const butler = await Butler.open(label);
  const [ref] = await butler.getDatasets([id]).catch(async (error: unknown) => {
    await butler.close();
    throw error;
  });
  if (ref !== undefined) return { butler, ref };
  await butler.close();
  throw transferErrors.NO_SUCH_DATASET({ id, repository: butler.root });
}
