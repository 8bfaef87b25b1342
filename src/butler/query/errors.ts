// SPDX-License-Identifier: BSD-3-Clause
import { defineErrors, type Place } from '../../base/index.ts';

/** Errors of query text and of queries that make no sense; each points into the expression where there is one. */
export const queryErrors = defineErrors('QUERY', {
  BAD_CHARACTER: {
    message: (p: { found: string }) => `The expression has "${p.found}" where no word of the query language can begin.`,
    next: 'Correct the expression at the caret; strings stand in single quotes and bound values begin with a colon.',
  },
  SYNTAX: {
    message: (p: { found: string; expected: string }) =>
      `The expression cannot be read at ${p.found}: expected ${p.expected}.`,
    next: 'Correct the expression at the caret.',
  },
  BAD_TIME: {
    message: (p: { text: string; reason: string }) => `"${p.text}" is not a time: ${p.reason}.`,
    next: "Write times as T'2020-03-30 12:20:33', T'58938.5' (MJD, TAI) or T'format/value/scale', for instance T'mjd/58938.5/utc'.",
  },
  BAD_ARGUMENTS: {
    message: (p: { function: string; reason: string }) => `${p.function}: ${p.reason}.`,
    next: 'Correct the arguments of the function at the caret; angles are in degrees.',
  },
  UNKNOWN_FUNCTION: {
    message: (p: { function: string; hint: string }) => `There is no function "${p.function}".${p.hint}`,
    next: 'Use one of GLOB, POINT, CIRCLE, BOX, POLYGON, REGION, UUID.',
  },
  UNKNOWN_NAME: {
    message: (p: { name: string; hint: string }) =>
      `"${p.name}" is no dimension, field, dataset field or bound value of this query.${p.hint}`,
    next: 'Use a dimension (visit), a field of an element (visit.exposure_time) or bind a value as :name.',
  },
  AMBIGUOUS_NAME: {
    message: (p: { name: string; candidates: string }) => `"${p.name}" may mean any of ${p.candidates}.`,
    next: 'Write it with the element before a dot, as in visit.name.',
  },
  UNKNOWN_BIND: {
    message: (p: { name: string; hint: string }) => `No value is bound to ":${p.name}".${p.hint}`,
    next: 'Pass the value with the expression (bind).',
  },
  BAD_BIND: {
    message: (p: { name: string; reason: string }) => `The value bound to ":${p.name}" cannot be used: ${p.reason}.`,
    next: 'Bind a string, number, boolean, UUID, time, timespan, region, point, or a list of them after IN.',
  },
  TYPE_MISMATCH: {
    message: (p: { left: string; leftType: string; operator: string; right: string; rightType: string }) =>
      `${p.left} (${p.leftType}) ${p.operator} ${p.right} (${p.rightType}) compares things of different kinds.`,
    next: "Compare values of one kind; strings stand in single quotes, times are written T'…'.",
  },
  NOT_BOOLEAN: {
    message: (p: { text: string; type: string }) => `"${p.text}" is ${p.type}, not a condition.`,
    next: 'Make it a comparison, or join conditions with AND, OR and NOT.',
  },
  NOT_A_VALUE: {
    message: (p: { text: string }) => `"${p.text}" cannot stand here.`,
    next: 'Use a column, a literal, a bound value or arithmetic on numbers.',
  },
  GOVERNOR_UNCONSTRAINED: {
    message: (p: { dimension: string; governor: string; values: string }) =>
      `The expression uses "${p.dimension}", which means nothing without a value of "${p.governor}"; this repository has ${p.values}.`,
    next: (p: { governor: string }) => `Add AND ${p.governor} = '…' to the expression.`,
  },
  SPATIAL_TYPES: {
    message: (p: { text: string }) => `"${p.text}": OVERLAPS takes two times (timespans) or two regions.`,
    next: 'Compare a timespan with a timespan or time, and a region with a region or point.',
  },
  SPATIAL_IN_OR: {
    message: (p: { text: string }) => `"${p.text}": an overlap of two region columns must hold for the whole query.`,
    next: 'Take the overlap out of the OR or NOT and join it with AND, or run two queries.',
  },
  NO_TABLE: {
    message: (p: { dimension: string }) =>
      `Data IDs of "${p.dimension}" alone cannot be listed: it is a pixelisation of the whole sky.`,
    next: 'Ask for it together with a dimension that has a region, such as visit, tract or patch.',
  },
  NO_COLUMNS: {
    message: () => 'No columns are asked for.',
    next: 'Name dimensions (visit), fields (visit.exposure_time) or fields of joined datasets (bias.timespan).',
  },
  COUNT_NEEDS_ROWS: {
    message: () => 'The rows can only be counted by reading them, as their regions have to be compared.',
    next: 'Allow that (discard), or ask for a count that may be too high (exact: false).',
  },
  UNKNOWN_ORDER: {
    message: (p: { term: string; hint: string }) => `Cannot order by "${p.term}".${p.hint}`,
    next: 'Order by a dimension of the result, a field of one of its elements, or timespan.begin and timespan.end; put - before it for descending.',
  },
  FIND_FIRST_WILDCARD: {
    message: (p: { pattern: string }) =>
      `The first dataset found depends on the order of the collections, and the pattern "${p.pattern}" has no order.`,
    next: 'Name the collections in order, or ask for all datasets (find-first off).',
  },
  NO_COLLECTIONS: {
    message: (p: { datasetType: string }) => `No collections are given to search for "${p.datasetType}".`,
    next: 'Name the collections to search.',
  },
  NO_JOINED_DATASET: {
    message: (p: { datasetType: string }) => `"${p.datasetType}" is a dataset type, but it is not part of this query.`,
    next: 'Ask for datasets of that type, or join it with its collections.',
  },
  BAD_LIMIT: {
    message: (p: { limit: number }) => `The limit ${p.limit} is not a whole number of rows.`,
    next: 'Give a limit of 0 or more.',
  },
});

/** The place of `offset` (0-based, in UTF-16 units) in the expression: 1-based line and column, and the line with a caret. */
export function placeInExpression(text: string, offset: number): Place {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const lineEnd = text.indexOf('\n', offset);
  const source = text.slice(lineStart, lineEnd < 0 ? undefined : lineEnd);
  const column = offset - lineStart + 1;
  return {
    line: text.slice(0, lineStart).split('\n').length,
    column,
    excerpt: `${source}\n${' '.repeat(column - 1)}^`,
  };
}
