// SPDX-License-Identifier: BSD-3-Clause
/** What a telescope is: detectors, filters, header translation, raw files, visits. */
export { builtInInstruments, loadInstrument, makeInstrument } from './definition/load.ts';
export { observationToSimple } from './headers/simple.ts';
export { translateFile } from './headers/translate-file.ts';
export { type IngestRawsOptions, type IngestRawsReport, ingestRaws } from './ingest/ingest-raws.ts';
export { writeIndex, writeSidecar } from './ingest/sidecar.ts';
export {
  type FieldChange,
  type UpdateExposuresOptions,
  type UpdateExposuresReport,
  updateExposures,
} from './ingest/update-exposures.ts';
export * from './model.ts';
export { readRaw } from './raw/raw-file.ts';
export { type CuratedReport, writeCuratedCalibrations } from './reference/curated-calibrations.ts';
export { type IngestRefcatOptions, type IngestRefcatReport, ingestRefcat } from './reference/ingest-refcat.ts';
export { registerInstrument } from './registered.ts';
export {
  type DefineVisitsOptions,
  type DefineVisitsReport,
  defineVisits,
  writeVisits,
} from './visits/define-visits.ts';
export { groupExposures } from './visits/grouping.ts';
export { definedVisits, type PlanOptions, planVisits, type VisitPlan } from './visits/plan.ts';
export { type UpdateRegionsOptions, type UpdateRegionsReport, updateRegions } from './visits/update-regions.ts';
