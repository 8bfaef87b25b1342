// SPDX-License-Identifier: BSD-3-Clause
import type { Verb } from '../verb.ts';
import { associate } from './associate.ts';
import { certifyCalibrations } from './certify-calibrations.ts';
import { collectionChain } from './collection-chain.ts';
import { configDump } from './config-dump.ts';
import { configValidate } from './config-validate.ts';
import { create } from './create.ts';
import { defineVisits } from './define-visits.ts';
import { demo } from './demo.ts';
import { doctor } from './doctor.ts';
import { exportVerb } from './export.ts';
import { exportCalibs } from './export-calibs.ts';
import { graphBuild } from './graph-build.ts';
import { graphDiff } from './graph-diff.ts';
import { graphEstimate } from './graph-estimate.ts';
import { graphExport } from './graph-export.ts';
import { graphImport } from './graph-import.ts';
import { graphMerge } from './graph-merge.ts';
import { graphQuery } from './graph-query.ts';
import { graphRun } from './graph-run.ts';
import { graphShow } from './graph-show.ts';
import { graphSplit } from './graph-split.ts';
import { graphUpdateRun } from './graph-update-run.ts';
import { importVerb } from './import.ts';
import { ingestFilesVerb } from './ingest-files.ts';
import { ingestRaws } from './ingest-raws.ts';
import { ingestRefcat } from './ingest-refcat.ts';
import { ingestZipVerb } from './ingest-zip.ts';
import { pipelineDescribe } from './pipeline-describe.ts';
import { pipelineShow } from './pipeline-show.ts';
import { pruneDatasets } from './prune-datasets.ts';
import { queryCollections } from './query-collections.ts';
import { queryDataIds } from './query-data-ids.ts';
import { queryDatasetTypes } from './query-dataset-types.ts';
import { queryDatasets } from './query-datasets.ts';
import { queryDimensionRecords } from './query-dimension-records.ts';
import { registerDatasetType } from './register-dataset-type.ts';
import { registerInstrument } from './register-instrument.ts';
import { registerSkyMap } from './register-skymap.ts';
import { removeCollections } from './remove-collections.ts';
import { removeDatasetType } from './remove-dataset-type.ts';
import { removeRuns } from './remove-runs.ts';
import { replay } from './replay.ts';
import { report } from './report.ts';
import { retrieveArtifacts } from './retrieve-artifacts.ts';
import { run } from './run.ts';
import { simulate } from './simulate.ts';
import { transferDatasetsVerb } from './transfer-datasets.ts';
import { translateHeaders } from './translate-headers.ts';
import { updateDimensionRegions } from './update-dimension-regions.ts';
import { updateExposuresFromRaws } from './update-exposures-from-raws.ts';
import { why } from './why.ts';
import { writeCuratedCalibrations } from './write-curated-calibrations.ts';

/** Every verb, in the order of `skymill --help`. */
export const verbs: readonly Verb[] = [
  demo,
  simulate,
  create,
  configDump,
  configValidate,
  registerDatasetType,
  removeDatasetType,
  collectionChain,
  associate,
  pruneDatasets,
  removeRuns,
  removeCollections,
  transferDatasetsVerb,
  exportVerb,
  exportCalibs,
  importVerb,
  doctor,
  registerInstrument,
  registerSkyMap,
  translateHeaders,
  ingestRaws,
  defineVisits,
  updateExposuresFromRaws,
  updateDimensionRegions,
  ingestRefcat,
  ingestFilesVerb,
  ingestZipVerb,
  writeCuratedCalibrations,
  certifyCalibrations,
  queryCollections,
  queryDatasetTypes,
  queryDatasets,
  queryDataIds,
  queryDimensionRecords,
  retrieveArtifacts,
  pipelineShow,
  pipelineDescribe,
  graphBuild,
  graphEstimate,
  graphRun,
  graphShow,
  graphDiff,
  graphQuery,
  graphImport,
  graphExport,
  graphSplit,
  graphMerge,
  graphUpdateRun,
  run,
  report,
  why,
  replay,
];
