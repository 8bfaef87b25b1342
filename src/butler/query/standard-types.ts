// SPDX-License-Identifier: BSD-3-Clause
import type { DataIdValue, Timespan } from '../types.ts';
import type { ColumnValue } from './outputs.ts';

/*
 * What the type system knows of the standard universe ("daf_butler", version 8): the values of its dimensions and which others each
 * brings along. Other universes and names that are only known at run time fall back to string | number. A test holds this to the universe.
 */

/** Values of dimensions, but for pixels of the sky. */
export interface StandardDimensions {
  instrument: string;
  band: string;
  physical_filter: string;
  subfilter: number;
  detector: number;
  group: string;
  day_obs: number;
  visit: number;
  exposure: number;
  visit_system: number;
  skymap: string;
  tract: number;
  patch: number;
  ssp_hypothesis_table: string;
  ssp_hypothesis_bundle: number;
  ssp_balanced_index: number;
}

/** Dimensions that come with each one because it requires or implies them. */
export interface StandardDependencies {
  physical_filter: 'instrument' | 'band';
  subfilter: 'band';
  detector: 'instrument';
  group: 'instrument';
  day_obs: 'instrument';
  visit: 'instrument' | 'physical_filter' | 'band' | 'day_obs';
  exposure: 'instrument' | 'physical_filter' | 'band' | 'group' | 'day_obs';
  visit_system: 'instrument';
  tract: 'skymap';
  patch: 'skymap' | 'tract';
  ssp_hypothesis_bundle: 'ssp_hypothesis_table';
  ssp_balanced_index: 'ssp_hypothesis_table';
}

type WithDependencies<Name extends string> =
  | Name
  | (Name extends keyof StandardDependencies ? StandardDependencies[Name] : never);

type DimensionValue<Name extends string> = Name extends keyof StandardDimensions
  ? StandardDimensions[Name]
  : Name extends `htm${number}` | `healpix${number}`
    ? number
    : DataIdValue;

/** The data ID of a query for these dimensions: `'visit'` gives instrument, visit, band, physical_filter and day_obs. */
export type DataIdOf<Name extends string> = string extends Name
  ? Readonly<Record<string, DataIdValue>>
  : { readonly [Key in WithDependencies<Name>]: DimensionValue<Key> };

type FieldValue<Name extends string> = Name extends keyof StandardDimensions
  ? StandardDimensions[Name]
  : Name extends `${string}.timespan.${'begin' | 'end'}`
    ? bigint | null
    : Name extends `${string}.timespan`
      ? Timespan | null
      : Name extends `${string}.region`
        ? Uint8Array | null
        : Name extends `${string}.${'dataset_id' | 'run' | 'collection'}`
          ? string
          : Name extends `${string}.ingest_date`
            ? bigint
            : ColumnValue;

/** The row of a general query for these columns. */
export type GeneralRow<Name extends string> = string extends Name
  ? Readonly<Record<string, ColumnValue>>
  : { readonly [Key in Name]: FieldValue<Key> };
