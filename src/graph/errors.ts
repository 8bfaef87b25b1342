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
  STORAGE_DISAGREES: {
    message: (p: { datasetType: string; repository: string; connection: string; storage: string }) =>
      `Dataset type "${p.datasetType}" is registered as ${p.repository} in the repository but is ${p.storage} for ${p.connection}, and neither can be read as the other.`,
    next: 'Rename the connection with `connections.<name>`, or use the pipeline that the repository was made with.',
  },
  SHARED_OUTPUT: {
    message: (p: { datasetType: string; dataId: string; label: string; first: string; second: string }) =>
      `Two quanta of task "${p.label}", (${p.first}) and (${p.second}), would both write ${p.datasetType} (${p.dataId}).`,
    next: 'The output needs all dimensions of its task, or the task fewer.',
  },
  OUTPUTS_EXIST: {
    message: (p: { run: string; datasetType: string; label: string; count: number; dataId: string }) =>
      `The output run ${p.run} holds ${p.count} ${p.datasetType} datasets that task "${p.label}" would write again, the first being (${p.dataId}).`,
    next: 'Leave out what is done with --skip-existing, replace what is there with --clobber-outputs, or choose another output run.',
  },
  RETAINED_WITHOUT_SKIP: {
    message: (p: { types: string }) =>
      `Retained dataset types (${p.types}) mean something only where quanta are skipped.`,
    next: 'Give the collections with --skip-existing-in (or --skip-existing), or leave out --retained-dataset-types.',
  },
  CONSTRAINT_UNKNOWN: {
    message: (p: { datasetType: string; pipeline: string; known: string; hint: string }) =>
      `The data IDs are to be constrained by "${p.datasetType}", which is no overall input of ${p.pipeline}; those are ${p.known}.${p.hint}`,
    next: 'Name overall inputs with --dataset-query-constraint, or write "all" or "off".',
  },
  MEMORY: {
    message: (p: { limit: string; needed: string }) =>
      `A limit of ${p.limit} is too little for this build: ${p.needed} would do. What cannot wait on disk is a bit for each quantum and dataset, the records of dimensions, and the program.`,
    next: 'Raise the limit (--memory, --build-memory), or build in parts (with a where-expression such as "tract IN (1..50)").',
  },
  SPILL: {
    message: (p: { folder: string; reason: string; spilled: string }) =>
      `The build keeps within its memory by means of a temporary file in ${p.folder}, which cannot be written after ${p.spilled}: ${p.reason}.`,
    next: 'Free some space there, name another folder with --spill (or TMPDIR), or allow the build more memory. Nothing was made.',
  },
  PIXELS_UNKNOWN: {
    message: (p: { dimensions: string }) =>
      `Nothing says which sky pixels there are for ${p.dimensions}: no region overlaps them, no other pixels are known.`,
    next: 'Give the pixels with --data-id-table, constrain by an input that has them, or add a task that connects them with visits or patches.',
  },
  ADJUST_UNKNOWN: {
    message: (p: { label: string; what: string }) =>
      `Task "${p.label}" regrouped its quanta and named ${p.what}, which is not in the graph.`,
    next: 'This is a mistake in the `adjustAll` of the task: it may use only data IDs and ids that it was given.',
  },
  HOOK_FAILED: {
    message: (p: { label: string; what: string; dataId: string; problem: string; traceback: string }) =>
      `Task "${p.label}"${p.dataId}: ${p.what} failed: ${p.problem}${p.traceback}`,
    next: "Correct the task's Python code, or build without asking it: --python-hooks off.",
  },
  HOOK_UNAVAILABLE: {
    message: (p: { label: string; hook: string; problem: string }) =>
      `Task "${p.label}" has a say when graphs are built (${p.hook}), and cannot be asked. ${p.problem}`,
    next: 'Name an interpreter that can import the task with --python or in SKYMILL_PYTHON, or build without asking it: --python-hooks off.',
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
  PEER_NOT_GRAPH: {
    message: (p: { file: string; member: string }) =>
      `${p.file} is not a predicted quantum graph: it has no ${p.member}.`,
    next: 'Give a .qg file; older files (.qgraph) are converted by the middleware that wrote them.',
  },
  PEER_VERSION: {
    message: (p: { file: string; version: number; known: number }) =>
      `${p.file} has version ${p.version} of its format; this program reads versions up to ${p.known}.`,
    next: 'Write the file with a release of the middleware that this program knows.',
  },
  PEER_KIND: {
    message: (p: { file: string; kind: string }) => `${p.file} is a quantum graph of the kind "${p.kind}".`,
    next: 'Only predicted graphs (kind "predicted") can be imported.',
  },
  PEER_CONTENT: {
    message: (p: { file: string; problem: string }) => `${p.file} contradicts itself: ${p.problem}.`,
    next: 'Build the graph again, or report the file to those who wrote it.',
  },
  PEER_RECORDS_MISSING: {
    message: (p: { element: string; example: string }) =>
      `There is no ${p.element} record for (${p.example}), and readers of .qg files need one for each data ID.`,
    next: 'Give the repository with --repo, so that records which the graph has not are fetched; if it lacks this one too, add it there.',
  },
  PEER_UNIVERSE: {
    message: (p: { version: number; known: number }) =>
      `The graph uses version ${p.version} of the dimensions; without a repository only version ${p.known} is known.`,
    next: 'Give the repository with --repo.',
  },
  FILE_UNWRITABLE: {
    message: (p: { file: string; reason: string }) => `Cannot write the quantum graph ${p.file}: ${p.reason}.`,
    next: 'Free some space or check the folder and its permissions, then run the same command again.',
  },
  UNKNOWN_DIMENSION: {
    message: (p: { dimension: string; hint: string; known: string }) =>
      `The graph has no dimension "${p.dimension}".${p.hint} It has ${p.known}.`,
    next: 'Use one of these dimensions.',
  },
  UNKNOWN_TASK: {
    message: (p: { label: string; hint: string; known: string }) =>
      `The graph has no task "${p.label}".${p.hint} It has ${p.known}.`,
    next: 'Use one of these labels, a row number or a UUID; `skymill graph show` prints them.',
  },
  NOT_OF_TASK: {
    message: (p: { label: string; dimension: string; hint: string; known: string }) =>
      `Quanta of "${p.label}" have no "${p.dimension}".${p.hint} They have ${p.known}.`,
    next: 'Give values as <dimension>=<value> with dimensions of the task.',
  },
  SQL: {
    message: (p: { problem: string; hint: string }) => `The query cannot be answered: ${p.problem}.${p.hint}`,
    next: 'The tables are quanta, datasets, edges, tasks and dataset_types; `skymill graph query GRAPH --tables` lists their columns.',
  },
  SPLIT_CYCLE: {
    message: (p: { first: string; second: string; task: string }) =>
      `The parts ${p.first} and ${p.second} would need each other's results (at task "${p.task}"), so neither could run first.`,
    next: 'Split by other dimensions, or first by tasks (--tasks) where the data are brought together.',
  },
  SPLIT_NOTHING: {
    message: (p: { how: string }) => `The graph cannot be split by ${p.how}: no quantum has it.`,
    next: 'Choose dimensions of its tasks; `skymill graph show` lists them.',
  },
  SPLIT_HOW: {
    message: (p: { problem: string }) => `How to split the graph is not clear: ${p.problem}.`,
    next: 'Give --by <dimensions>, --parts <n>, or --tasks <expression> (repeat for more parts).',
  },
  MERGE_CONFLICT: {
    message: (p: { what: string; first: string; second: string }) =>
      `The graphs cannot be merged: ${p.what} (${p.first} and ${p.second}).`,
    next: 'Merge graphs of one repository, pipeline and output run that have no quantum in common; `skymill graph diff` shows how two differ.',
  },
  SAME_RUN: {
    message: (p: { run: string }) => `The graph writes to the run ${p.run} already.`,
    next: 'Give another run.',
  },
  ESTIMATE_INPUT: {
    message: (p: { problem: string }) => `The graph cannot be estimated: ${p.problem}.`,
    next: 'Check the input collections and the where-expression, or build the graph with --dry-run, which explains what is missing.',
  },
});
