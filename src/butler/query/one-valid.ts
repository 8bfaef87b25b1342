// SPDX-License-Identifier: BSD-3-Clause
import { Coordinate, coordinateKey } from '../dimensions/coordinate.ts';
import { butlerErrors } from '../errors.ts';
import type { DataIdValue } from '../types.ts';
import type { QueryContext } from './context.ts';
import type { PreparedQuery } from './prepare.ts';

/**
 * Without a time to choose by, a calibration with several validity ranges has no first one: that is refused, not answered with all.
 * The rows to check have the dimensions of the dataset type, required ones first, and then the dataset's id.
 * @throws BUTLER_AMBIGUOUS_CALIBRATION from the function given, which is undefined where nothing can be ambiguous
 */
export function onlyOneValid(
  { universe }: QueryContext,
  { dimensions, target: { first, search, names } }: PreparedQuery,
): ((row: readonly unknown[]) => void) | undefined {
  const calibrations = (search?.collections ?? []).filter((collection) => collection.type === 'CALIBRATION');
  if (first === undefined || calibrations.length === 0) return undefined;
  if (dimensions.elements.some((name) => universe.element(name).temporalFamily !== undefined)) return undefined;
  const { type } = search!.row;
  const { required } = type.dimensions;
  const seen = new Map<string, unknown>();
  return (row) => {
    const values = row.slice(0, required.length) as DataIdValue[];
    const key = coordinateKey(values);
    const id = row[names.length];
    const found = seen.get(key);
    if (found === undefined) seen.set(key, id);
    else if (found !== id) {
      throw butlerErrors.AMBIGUOUS_CALIBRATION({
        datasetType: type.name,
        dataId: new Coordinate(type.dimensions, values).toString(),
        collection: calibrations.map((collection) => collection.name).join(', '),
      });
    }
  };
}
