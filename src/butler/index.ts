// SPDX-License-Identifier: BSD-3-Clause
/** The Gen3 repository: registry, datastore, and the butler over both. */

export type { BuildOptions } from './build.ts';
export { Butler, type OpenOptions } from './butler.ts';
export * from './config/index.ts';
export * from './contract.ts';
export { type CreateOptions, universeFromFile } from './create.ts';
export {
  type PlainDatasetType,
  type PlainRef,
  refFromPlain,
  refToPlain,
  typeFromPlain,
  typeToPlain,
} from './datasets/plain.ts';
export type { ByteSink, StagedFile } from './datastore/byte-store.ts';
export { isArchiveOf } from './datastore/growing-archive/archive-series.ts';
export { archivesIn, type FinishedArchive, finishArchives } from './datastore/growing-archive/finish.ts';
export { quantumRecordsFolder } from './datastore/growing-archive/place.ts';
export { DatasetMemory, type Readers } from './datastore/memory/dataset-memory.ts';
export { syncFolders } from './datastore/posix/folders.ts';
export { removeUnfinished } from './datastore/posix/unfinished.ts';
export { ResourcePath } from './datastore/resource-path.ts';
export { StorageClasses } from './datastore/storage-classes.ts';
export { type MemberState, memberStates } from './datastore/zip/member-states.ts';
export { formatDataId } from './dimensions/coordinate.ts';
export { recordFields } from './dimensions/element.ts';
export type { UniverseSpec } from './dimensions/spec.ts';
export { DimensionUniverse } from './dimensions/universe.ts';
export type { DoctorOptions, DoctorReport, KindReport, RepairOptions } from './doctor/doctor.ts';
export { hotJournal, leftJournal } from './doctor/journal.ts';
export type { Check, DoctorContext, Finding, Kind, Severity } from './doctor/model.ts';
export { butlerErrors } from './errors.ts';
export {
  type Formatter,
  type FormatterFile,
  type ImagePlane,
  type MaskPlaneImage,
  type ReadContext,
  registerFormatter,
  type WriteContext,
} from './formatters/index.ts';
export * from './limited.ts';
export { type AssignedDataset, defaultUniverse, FileLimitedButler, type LimitedButlerPlain } from './limited-butler.ts';
export {
  buildRepository,
  examineRepository,
  exportCalibrations,
  exportDatasets,
  importRepository,
  ingestTable,
  ingestZip,
  repairRepository,
  retrieveZip,
  transferDatasets,
  verifyRepository,
} from './operations.ts';
export { parseTimeLiteral, type TimeLiteral } from './query/index.ts';
export { type RegisterSkyMapReport, registerSkyMap, skyMapDatasetType, skyMapsRun } from './skymaps/register.ts';
export { ALL_TIME, formatTimespan, fromStoredTimespan, instant, makeTimespan, toStoredTimespan } from './timespan.ts';
export { type DatasetUri, formatDatasetUri, openDatasetUri, parseDatasetUri } from './transfer/dataset-uri.ts';
export type { ExportOptions, ExportReport, ExportTransfer } from './transfer/export.ts';
export type { ExportCalibrationsOptions } from './transfer/export-calibrations.ts';
export type { ImportOptions, RepositoryImportReport } from './transfer/import.ts';
export { type ImportReport, importYaml } from './transfer/import-yaml.ts';
export type { IngestTableOptions, IngestTableReport } from './transfer/ingest-table.ts';
export type { IngestZipOptions, IngestZipReport } from './transfer/ingest-zip.ts';
export { readTextTable, type TextTable } from './transfer/read-table.ts';
export { readRepositoryIndex, repositoryExists, resolveRepository } from './transfer/repository-index.ts';
export { type RetrieveOptions, type RetrieveReport, retrieveArtifacts } from './transfer/retrieve-artifacts.ts';
export type { RetrieveZipOptions, RetrieveZipReport } from './transfer/retrieve-zip.ts';
export { type Selection, selectCollections, selectDatasets } from './transfer/select.ts';
export type { TransferOptions, TransferReport } from './transfer/transfer-datasets.ts';
export type { VerifyOptions, VerifyProblem, VerifyReport } from './transfer/verify.ts';
export * from './types.ts';
