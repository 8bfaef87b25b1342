// SPDX-License-Identifier: BSD-3-Clause
import { defineErrors } from '../base/index.ts';

export const graphErrors = defineErrors('GRAPH', {
  EMPTY: {
    message: (p: { pipeline: string; explanation: string }) =>
      `The graph of ${p.pipeline} would be empty. ${p.explanation}`,
    next: 'Correct the where-expression or the input collections, or bring in what is missing; with --dry-run nothing is changed.',
  },
  NOTHING_LEFT: {
    message: (p: { pipeline: string; skipped: string }) =>
      `Everything of ${p.pipeline} is done already: ${p.skipped} quanta were skipped.`,
    next: 'Nothing needs to be run. Choose another output run to process the data again.',
  },
  TYPE_DISAGREES: {
    message: (p: { datasetType: string; repository: string; pipeline: string }) =>
      `Dataset type "${p.datasetType}" has the dimensions {${p.repository}} in the repository but {${p.pipeline}} in the pipeline.`,
    next: 'Rename the connection with `connections.<name>`, or use the pipeline that the repository was made with.',
  },
  SHARED_OUTPUT: {
    message: (p: { datasetType: string; dataId: string; label: string; first: string; second: string }) =>
      `Two quanta of task "${p.label}", (${p.first}) and (${p.second}), would both write ${p.datasetType} (${p.dataId}).`,
    next: 'The output needs all dimensions of its task, or the task fewer.',
  },
  INIT_INPUT_MISSING: {
    message: (p: { datasetType: string; label: string; collections: string }) =>
      `Task "${p.label}" needs ${p.datasetType} before it starts, and there is none in ${p.collections}.`,
    next: 'Add the collection that holds it to the inputs, or run the task that writes it.',
  },
  SEVERAL_INPUTS: {
    message: (p: { label: string; dataId: string; connection: string; datasetType: string; count: number }) =>
      `${p.label} {${p.dataId}} takes one ${p.datasetType} (${p.connection}) but there are ${p.count}.`,
    next: 'Restrict the data query or the input collections so that one is left, or declare the connection `multiple: true`.',
  },
  PREREQUISITE_MISSING: {
    message: (p: { datasetType: string; label: string; dataId: string; count: number; collections: string }) =>
      `${p.count} quanta of task "${p.label}" lack the prerequisite ${p.datasetType}, the first being (${p.dataId}); searched in ${p.collections}.`,
    next: 'Add the collection that holds it to the inputs, certify calibrations for these dates, or let the build leave those quanta out.',
  },
  AMBIGUOUS_CALIBRATION: {
    message: (p: { datasetType: string; label: string; dataId: string; first: string; second: string }) =>
      `Two ${p.datasetType} datasets are valid for (${p.dataId}) of task "${p.label}": ${p.first} and ${p.second}.`,
    next: 'Certify validity ranges so that each observation falls in one of them.',
  },
  UNKNOWN_QUANTUM: {
    message: (p: { quantum: string; count: number }) => `There is no quantum ${p.quantum} in this graph of ${p.count}.`,
    next: 'Use a UUID or row number that `skymill graph show` prints for this graph.',
  },
  FILE_NOT_GRAPH: {
    message: (p: { file: string }) => `${p.file} is not a quantum graph file.`,
    next: 'Give the path of a file that `skymill graph build` wrote.',
  },
  FILE_VERSION: {
    message: (p: { file: string; version: number; known: number }) =>
      `${p.file} is a quantum graph of format version ${p.version}; this program reads version ${p.known}.`,
    next: 'Build the graph again, or use the program version that wrote it.',
  },
  FILE_DAMAGED: {
    message: (p: { file: string; problem: string }) => `The quantum graph file ${p.file} is damaged: ${p.problem}.`,
    next: 'Build the graph again, or copy the file again if it came from elsewhere.',
  },
  FILE_UNREADABLE: {
    message: (p: { file: string; reason: string }) => `Cannot open the quantum graph ${p.file}: ${p.reason}.`,
    next: 'Check the path and its permissions.',
  },
  FILE_UNWRITABLE: {
    message: (p: { file: string; reason: string }) => `Cannot write the quantum graph ${p.file}: ${p.reason}.`,
    next: 'Free some space or check the folder and its permissions, then run the same command again.',
  },
});
