// SPDX-License-Identifier: BSD-3-Clause
import { defineErrors } from '../base/index.ts';

export const pipelineErrors = defineErrors('PIPELINE', {
  FILE_UNREADABLE: {
    message: (p: { file: string; reason: string }) => `Cannot read pipeline file "${p.file}": ${p.reason}.`,
    next: 'Check the path; environment variables in locations are written $NAME (braces allowed).',
  },
  YAML_SYNTAX: {
    message: (p: { file: string; problem: string }) => `${p.file} is not valid YAML: ${p.problem}.`,
    next: 'Correct the YAML at the place shown.',
  },
  WRONG_SHAPE: {
    message: (p: { what: string; expected: string; found: string }) =>
      `${p.what} must be ${p.expected}, not ${p.found}.`,
    next: 'Correct the value at the place shown.',
  },
  MISSING_KEY: {
    message: (p: { what: string; key: string }) => `${p.what} needs the key "${p.key}".`,
    next: 'Add the key.',
  },
  UNKNOWN_KEY: {
    message: (p: { what: string; key: string; known: string; hint: string }) =>
      `${p.what} has no key "${p.key}"; known keys are ${p.known}.${p.hint}`,
    next: 'Correct or remove the key.',
  },
  DUPLICATE_KEY: {
    message: (p: { what: string; key: string }) => `${p.what} "${p.key}" is given twice.`,
    next: 'Keep one of the two.',
  },
  NO_DESCRIPTION: {
    message: (p: { file: string }) => `Pipeline ${p.file} has no description.`,
    next: 'Add a line "description: …" that says what the pipeline is for.',
  },
  RESERVED_LABEL: {
    message: (p: { label: string }) => `"${p.label}" is a reserved word and cannot be a task label.`,
    next: 'Choose another label.',
  },
  LABEL_CLASH: {
    message: (p: { label: string; name: string }) =>
      `"${p.label}" is the name of both a task and a subset (${p.name}).`,
    next: 'Rename one of the two.',
  },
  UNKNOWN_LABEL: {
    message: (p: { what: string; label: string; hint: string }) =>
      `${p.what} names "${p.label}", which is neither a task nor a subset of the pipeline.${p.hint}`,
    next: 'Use a label that `skymill pipeline show` lists.',
  },
  IN_MEMORY_TYPE: {
    message: (p: { datasetType: string; hint: string }) =>
      `"${p.datasetType}" among the dataset types that are only handed over in memory is none of this pipeline.${p.hint}`,
    next: 'Use a dataset type that `skymill pipeline show` lists.',
  },
  IMPORT_CLASH: {
    message: (p: { what: string; name: string; first: string; second: string }) =>
      `${p.what} "${p.name}" comes from two imports, ${p.first} and ${p.second}.`,
    next: 'Exclude it from one import with `exclude`, or give it another label with `rename`.',
  },
  IMPORT_CYCLE: {
    message: (p: { chain: string }) => `Pipelines import each other in a circle: ${p.chain}.`,
    next: 'Remove one of the imports.',
  },
  INCLUDE_AND_EXCLUDE: {
    message: (p: { location: string }) => `The import of ${p.location} has both include and exclude.`,
    next: 'Keep one of the two.',
  },
  RENAME_TAKEN: {
    message: (p: { from: string; to: string; location: string }) =>
      `The import of ${p.location} renames "${p.from}" to "${p.to}", a label that exists already.`,
    next: 'Choose another new label, or exclude the task that holds it.',
  },
  INSTRUMENT_CLASH: {
    message: (p: { first: string; second: string; location: string }) =>
      `A pipeline has one instrument, but here it is "${p.first}" and in ${p.location} it is "${p.second}".`,
    next: 'Write `instrument: null` (or the instrument you want) in the import.',
  },
  UNKNOWN_PARAMETER: {
    message: (p: { parameter: string; hint: string }) => `There is no pipeline parameter "${p.parameter}".${p.hint}`,
    next: 'Declare it under `parameters:`.',
  },
  UNKNOWN_TASK: {
    message: (p: { taskClass: string; label: string; hint: string }) =>
      `Task "${p.label}" has the class "${p.taskClass}", which nobody provides.${p.hint}`,
    next: 'Use a built-in task name, or the path of a module that exports a task.',
  },
  PYTHON_WORKER: {
    message: (p: { python: string; problem: string; said: string }) =>
      `Python (${p.python}) could not be asked about the tasks: ${p.problem}.${p.said === '' ? '' : `\n${p.said}`}`,
    next: 'Name an interpreter that can import the tasks with --python, or in SKYMILL_PYTHON.',
  },
  PYTHON_CLASS: {
    message: (p: { label: string; taskClass: string; problem: string }) =>
      `Task "${p.label}" has the Python class "${p.taskClass}", which cannot be found: ${p.problem}.`,
    next: 'Correct the class, or name the interpreter in whose environment it is installed with --python.',
  },
  PYTHON_IMPORT: {
    message: (p: { label: string; taskClass: string; problem: string }) =>
      `The Python class "${p.taskClass}" of task "${p.label}" cannot be imported: ${p.problem}.`,
    next: 'Correct what Python complains of, or name another interpreter with --python.',
  },
  PYTHON_CONFIG: {
    message: (p: { label: string; problem: string }) =>
      `The configuration of task "${p.label}" is refused by Python: ${p.problem}.`,
    next: 'Correct the setting at the place shown.',
  },
  PYTHON_INSTRUMENT: {
    message: (p: { instrument: string; problem: string }) =>
      `The instrument "${p.instrument}" of the pipeline cannot be used: ${p.problem}.`,
    next: 'Correct the class, or name the interpreter in whose environment it is installed with --python.',
  },
  UNKNOWN_FIELD: {
    message: (p: { label: string; field: string; hint: string }) =>
      `Task "${p.label}" has no config field "${p.field}".${p.hint}`,
    next: (p) => `See the fields with \`skymill pipeline show PIPELINE --task ${p.label}\`.`,
  },
  BAD_VALUE: {
    message: (p: { label: string; field: string; value: string; problem: string }) =>
      `Config field "${p.field}" of task "${p.label}" cannot be ${p.value}: ${p.problem}.`,
    next: 'Correct the value at the place shown.',
  },
  BAD_OVERRIDE: {
    message: (p: { override: string }) => `The override "${p.override}" is not of the form label:field=value.`,
    next: 'Write for example -c makeWarp:kernel=lanczos5 .',
  },
  UNSUPPORTED_CONFIG: {
    message: (p: { label: string; what: string }) =>
      `The config of task "${p.label}" uses ${p.what}, which cannot be applied here.`,
    next: 'Write the settings as `key: value`, or in a YAML config file named by `file:`.',
  },
  CONTRACT_SYNTAX: {
    message: (p: { contract: string; problem: string }) => `The contract "${p.contract}" cannot be read: ${p.problem}.`,
    next: 'A contract compares fields and values, for example `makeWarp.kernel == assembleCoadd.kernel`.',
  },
  CONTRACT_FIELD: {
    message: (p: { contract: string; name: string; hint: string }) =>
      `The contract "${p.contract}" names "${p.name}", which does not exist.${p.hint}`,
    next: 'Correct the name, or drop the contract.',
  },
  CONTRACT_BROKEN: {
    message: (p: { contract: string; values: string; message: string }) =>
      `The contract "${p.contract}" does not hold: ${p.values}. ${p.message}`,
    next: 'Change one of the two settings so that they agree.',
  },
  UNKNOWN_CONNECTION: {
    message: (p: { label: string; connection: string; hint: string }) =>
      `Task "${p.label}" has neither a connection nor a template named "${p.connection}".${p.hint}`,
    next: (p) => `See the connections with \`skymill pipeline show PIPELINE --task ${p.label}\`.`,
  },
  TEMPLATE_UNFILLED: {
    message: (p: { label: string; connection: string; datasetType: string; template: string }) =>
      `Connection "${p.connection}" of task "${p.label}" is "${p.datasetType}", and nothing fills {${p.template}}.`,
    next: (p) => `Set \`connections.${p.template}\` in the config of the task.`,
  },
  TWO_PRODUCERS: {
    message: (p: { datasetType: string; first: string; second: string }) =>
      `Dataset type "${p.datasetType}" is written by two connections: ${p.first} and ${p.second}.`,
    next: 'Rename one with `connections.<name>: otherDatasetType`.',
  },
  CYCLE: {
    message: (p: { cycle: string }) => `The tasks wait for each other in a circle: ${p.cycle}.`,
    next: 'Rename one of the connections so that no task needs its own results.',
  },
  STORAGE_CLASS_DISAGREES: {
    message: (p: { datasetType: string; first: string; firstClass: string; second: string; secondClass: string }) =>
      `Dataset type "${p.datasetType}" is ${p.firstClass} for ${p.first} but ${p.secondClass} for ${p.second}.`,
    next: 'Make the storage classes of the two connections agree, or rename one of them.',
  },
  DIMENSIONS_DISAGREE: {
    message: (p: {
      datasetType: string;
      first: string;
      firstDimensions: string;
      second: string;
      secondDimensions: string;
    }) =>
      `Dataset type "${p.datasetType}" has dimensions {${p.firstDimensions}} for ${p.first} but {${p.secondDimensions}} for ${p.second}.`,
    next: 'Make the dimensions of the two connections agree, or rename one of them.',
  },
  INIT_DISAGREES: {
    message: (p: { datasetType: string; first: string; second: string }) =>
      `Dataset type "${p.datasetType}" is written once a run by ${p.first} but once a quantum for ${p.second}.`,
    next: 'Rename one of the two.',
  },
  NEEDS_MULTIPLE: {
    message: (p: { label: string; connection: string; extra: string }) =>
      `Connection "${p.connection}" of task "${p.label}" has the dimensions {${p.extra}}, which the task has not, and is not \`multiple\`.`,
    next: 'Declare the connection `multiple: true`, or add the dimensions to the task.',
  },
  OWN_PREREQUISITE: {
    message: (p: { datasetType: string; label: string; producer: string }) =>
      `Dataset type "${p.datasetType}" is a prerequisite of task "${p.label}", yet ${p.producer} writes it in the same pipeline.`,
    next: 'Run the producing task in a pipeline (or a step) of its own first, and certify its results if they are calibrations.',
  },
  EMPTY: {
    message: (p: { file: string }) => `Pipeline ${p.file} has no task left to run.`,
    next: 'Declare tasks, or select labels that exist.',
  },
  STEP_ORDER: {
    message: (p: { step: string; label: string; upstream: string; later: string }) =>
      `Step "${p.step}" has task "${p.label}", which needs results of "${p.upstream}" of the later step "${p.later}".`,
    next: 'Order the steps as the data flow.',
  },
  STEP_SHARED: {
    message: (p: { label: string; first: string; second: string }) =>
      `Task "${p.label}" is in two steps, "${p.first}" and "${p.second}".`,
    next: 'Leave it in one of the two subsets.',
  },
  STEP_SHARDING: {
    message: (p: { step: string; dimensions: string; what: string; own: string; lacking: string }) =>
      `Step "${p.step}" is to be cut by {${p.dimensions}}, but ${p.what} has the dimensions {${p.own}}: without ${p.lacking} its quanta would belong to several groups.`,
    next: 'Take dimensions that all tasks and outputs of the step have, or move the task to a step of its own.',
  },
  SELECT_SYNTAX: {
    message: (p: { expression: string; problem: string }) =>
      `Cannot read the task selection "${p.expression}": ${p.problem}.`,
    next: 'Write labels or subsets with , or a range a..b.',
  },
});
