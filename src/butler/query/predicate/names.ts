// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean, type Place } from '../../../base/index.ts';
import type { DimensionElement } from '../../dimensions/element.ts';
import type { DimensionUniverse } from '../../dimensions/universe.ts';
import { queryErrors } from '../errors.ts';
import { type Column, DATASET_FIELDS, type DatasetField, type ValueType } from './types.ts';

/** What names in an expression can mean. */
export interface Scope {
  readonly universe: DimensionUniverse;
  /** Elements whose fields may be named without the element: those of the dimensions asked for. */
  readonly elements: readonly string[];
  /** Dataset types that are part of the query. */
  readonly datasetTypes: readonly string[];
  /** Element of the rows asked for: it wins when a bare field is ambiguous. */
  readonly element?: string;
  /** Dataset type of the rows asked for: its fields may stand bare. */
  readonly datasetType?: string;
}

/**
 * The column that `name` (one to three parts) means.
 * @throws QUERY_UNKNOWN_NAME with a suggestion, QUERY_AMBIGUOUS_NAME with the candidates
 */
export function resolveName(name: string, scope: Scope, place?: Place): Column {
  const parts = name.split('.');
  const last = parts[parts.length - 1];
  if (parts.length > 1 && (last === 'begin' || last === 'end')) {
    const of = resolveName(parts.slice(0, -1).join('.'), scope, place);
    if (of.type === 'timespan') return { kind: 'bound', of, side: last, type: 'time' };
  }
  const found = parts.length === 1 ? bare(name, scope, place) : qualified(parts, scope);
  if (found !== undefined) return found;
  if (parts.length === 2 && !scope.universe.hasElement(parts[0])) {
    const types = Object.keys(DATASET_FIELDS);
    if (types.includes(parts[1])) throw queryErrors.NO_JOINED_DATASET({ datasetType: parts[0] }, { place });
  }
  throw queryErrors.UNKNOWN_NAME({ name, hint: didYouMean(name, namesNear(parts, scope)) }, { place });
}

function bare(name: string, scope: Scope, place?: Place): Column | undefined {
  const { universe } = scope;
  if (universe.hasElement(name) && universe.element(name).isDimension) return dimensionColumn(universe, name);
  if (scope.element !== undefined) {
    const own = fieldColumn(universe.element(scope.element), name);
    if (own !== undefined) return own;
  }
  if (scope.datasetType !== undefined && name in DATASET_FIELDS) {
    return datasetColumn(scope.datasetType, name as DatasetField);
  }
  const candidates = scope.elements
    .map((element) => fieldColumn(universe.element(element), name))
    .filter((column) => column !== undefined);
  const fromDatasets =
    name in DATASET_FIELDS ? scope.datasetTypes.map((type) => datasetColumn(type, name as DatasetField)) : [];
  const all = [...candidates, ...fromDatasets];
  if (all.length > 1) {
    const list = all.map(
      (column) =>
        `${column.kind === 'field' ? column.element : ((column as { datasetType?: string }).datasetType ?? '')}.${name}`,
    );
    throw queryErrors.AMBIGUOUS_NAME({ name, candidates: list.join(', ') }, { place });
  }
  return all[0];
}

function qualified([first, ...rest]: readonly string[], scope: Scope): Column | undefined {
  if (rest.length !== 1) return undefined;
  if (scope.universe.hasElement(first)) {
    const element = scope.universe.element(first);
    // "visit.day_obs" is a column of visit's table and says what "day_obs" says.
    if (keysBesideOwn(element).includes(rest[0])) return dimensionColumn(scope.universe, rest[0]);
    return fieldColumn(element, rest[0]);
  }
  if (scope.datasetTypes.includes(first) && rest[0] in DATASET_FIELDS)
    return datasetColumn(first, rest[0] as DatasetField);
  return undefined;
}

/** The column of a field of an element's records; its primary key is the dimension itself. */
function fieldColumn(element: DimensionElement, field: string): Column | undefined {
  const { name } = element;
  if (element.primaryKey?.name === field) return { kind: 'dimension', dimension: name, type: element.primaryKey.type };
  if (field === 'region' && (element.spatialFamily !== undefined || element.skypix !== undefined)) {
    return { kind: 'field', element: name, field, type: 'region' };
  }
  if (field === 'timespan' && element.temporalFamily !== undefined) {
    return { kind: 'field', element: name, field, type: 'timespan' };
  }
  const spec = [...element.alternateKeys, ...element.metadata].find((candidate) => candidate.name === field);
  return spec && { kind: 'field', element: name, field, type: spec.type };
}

function keysBesideOwn(element: DimensionElement): string[] {
  return [...element.required.filter((name) => name !== element.name), ...element.implied];
}

function dimensionColumn(universe: DimensionUniverse, dimension: string): Column {
  return { kind: 'dimension', dimension, type: universe.element(dimension).primaryKey!.type as ValueType };
}

function datasetColumn(datasetType: string, field: DatasetField): Column {
  return { kind: 'dataset', datasetType, field, type: DATASET_FIELDS[field] };
}

function namesNear(parts: readonly string[], scope: Scope): string[] {
  const { universe } = scope;
  const fields = (element: DimensionElement): string[] => [
    ...(element.primaryKey ? [element.primaryKey.name] : []),
    ...[...element.alternateKeys, ...element.metadata].map((field) => field.name),
    ...(element.spatialFamily === undefined ? [] : ['region']),
    ...(element.temporalFamily === undefined ? [] : ['timespan']),
  ];
  if (parts.length > 1) {
    const elements = universe.hasElement(parts[0]) ? [parts[0]] : universe.elementNames;
    return [
      ...elements.flatMap((name) => {
        const element = universe.element(name);
        return [...fields(element), ...keysBesideOwn(element)].map((field) => `${name}.${field}`);
      }),
      ...scope.datasetTypes.flatMap((type) => Object.keys(DATASET_FIELDS).map((field) => `${type}.${field}`)),
    ];
  }
  return [...universe.dimensionNames, ...scope.elements.flatMap((name) => fields(universe.element(name)))];
}
