// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a repository without settings of its own does: facts of the Gen3 format, so that files made here are found where
 * others expect them. `butler.yaml` may override each entry under `datastore.templates` and `datastore.formatters`.
 */

const observation = '{band:?}/{subfilter:?}/{physical_filter:?}/{visit:?}/{exposure.obs_id|group:?}';
const nameParts = [
  '{datasetType}_{component:?}',
  '{instrument:?}',
  '{tract:?}',
  '{patch:?}',
  '{band:?}',
  '{physical_filter:?}',
  '{visit:?}',
  '{exposure.obs_id|group:?}',
  '{detector.full_name:?}',
  '{skymap:?}',
  '{skypix:?}',
  '{ssp_hypothesis_table:?}',
  '{ssp_hypothesis_bundle:?}',
  '{ssp_balanced_index:?}',
  '{run}',
];

export const defaultTemplates: Record<string, string> = {
  default: `{run:/}/{datasetType}.{component:?}/{tract:?}/{patch:?}/{day_obs|visit.day_obs|exposure.day_obs:?}/${observation}/${nameParts.join('_')}`,
  // Raw exposures: a folder a day and exposure, without the filter.
  'physical_filter+detector+exposure':
    '{run:/}/{datasetType}.{component:?}/{day_obs|exposure.day_obs}/{exposure.obs_id}/{datasetType}_{component:?}_{instrument:?}_{physical_filter}_{exposure.obs_id}_{detector.full_name}_{run}',
};

const json = 'lsst.daf.butler.formatters.json.JsonFormatter';
const yaml = 'lsst.daf.butler.formatters.yaml.YamlFormatter';
const parquet = 'lsst.daf.butler.formatters.parquet.ParquetFormatter';
const ecsv = 'lsst.daf.butler.formatters.astropyTable.AstropyTableFormatter';
const fitsExposure = 'lsst.obs.base.formatters.fitsExposure';

/** Class paths by which the format names readers and writers, by storage class. */
export const defaultFormatters: Record<string, string> = {
  StructuredDataDict: yaml,
  StructuredDataList: yaml,
  ExposureSummaryStats: yaml,
  MetricValue: yaml,
  PropertyList: yaml,
  PropertySet: yaml,
  // Elsewhere configurations are Python code; ours are YAML, under a formatter name of our own, so that others list and move
  // them and refuse to read them.
  Config: 'skymill.formatters.Yaml',
  Packages: 'lsst.daf.butler.formatters.packages.PackagesFormatter',
  int: json,
  TaskMetadata: json,
  Timespan: json,
  // The peer keeps sky maps as pickles, which only Python reads; ours are JSON.
  SkyMap: json,
  ButlerLogRecords: 'lsst.daf.butler.formatters.logs.ButlerLogRecordsFormatter',
  ArrowTable: parquet,
  ArrowAstropy: parquet,
  ArrowNumpy: parquet,
  ArrowNumpyDict: parquet,
  DataFrame: parquet,
  ArrowSchema: parquet,
  AstropyTable: ecsv,
  AstropyQTable: ecsv,
  Exposure: `${fitsExposure}.FitsExposureFormatter`,
  ExposureF: `${fitsExposure}.FitsExposureFormatter`,
  ExposureI: `${fitsExposure}.FitsExposureFormatter`,
  MaskedImage: `${fitsExposure}.FitsMaskedImageFormatter`,
  MaskedImageF: `${fitsExposure}.FitsMaskedImageFormatter`,
  Image: `${fitsExposure}.FitsImageFormatter`,
  ImageF: `${fitsExposure}.FitsImageFormatter`,
  ImageI: `${fitsExposure}.FitsImageFormatter`,
  ImageU: `${fitsExposure}.FitsImageFormatter`,
  Mask: `${fitsExposure}.FitsMaskFormatter`,
  MaskX: `${fitsExposure}.FitsMaskFormatter`,
  Plot: 'lsst.daf.butler.formatters.matplotlib.MatplotlibFormatter',
  // Ours: storage classes that the peer does not have.
  Text: 'skymill.formatters.Text',
  Bytes: 'skymill.formatters.Bytes',
};
