// SPDX-License-Identifier: BSD-3-Clause
import { defineErrors } from '../base/index.ts';

/** What can go wrong between a repository and its user. Lists in parameters are formatted by the caller. */
export const butlerErrors = defineErrors('BUTLER', {
  NO_REPOSITORY: {
    message: (p: { root: string }) => `There is no repository at ${p.root}: it holds no butler.yaml`,
    next: 'Check the path, or make a repository there with `skymill create`.',
  },
  REPOSITORY_EXISTS: {
    message: (p: { root: string }) => `There is a repository at ${p.root} already`,
    next: 'Choose another folder, or remove that repository first.',
  },
  BAD_CONFIG: {
    message: (p: { file: string; problem: string }) => `${p.file} cannot be used: ${p.problem}`,
    next: 'Correct the repository configuration.',
  },
  UNSUPPORTED: {
    message: (p: { what: string }) => `${p.what} is not supported`,
    next: 'Open the repository with a version that knows it, or convert it.',
  },
  UNSUPPORTED_SCHEMA: {
    message: (p: { root: string; manager: string; found: string; known: string }) =>
      `The repository at ${p.root} has version ${p.found} of ${p.manager}; this program knows ${p.known}`,
    next: 'Migrate the repository to a supported schema version, or use a version of the program that knows it.',
  },
  UNSUPPORTED_UNIVERSE: {
    message: (p: { root: string; found: string; known: string }) =>
      `${p.root} has the dimensions ${p.found}; this program knows ${p.known}`,
    next: 'Use a version of the program that knows these dimensions, or export the datasets and import them into a new repository.',
  },
  READ_ONLY: {
    message: (p: { root: string; action: string }) =>
      `Cannot ${p.action}: the repository at ${p.root} is open read-only`,
    next: 'Open it with `writeable: true`; if it is, check the permissions of the folder and of its database file.',
  },
  NOT_WRITEABLE: {
    message: (p: { path: string; reason: string }) => `Cannot write ${p.path}: ${p.reason}`,
    next: 'Check the owner and the permissions of the folder, or write to another repository.',
  },
  DISK_FULL: {
    message: (p: { path: string }) => `No space left while writing ${p.path}; the unfinished file was removed`,
    next: 'Free some space (or raise the quota) and run the same command again.',
  },
  DATABASE_BUSY: {
    message: (p: { file: string; waitedSeconds: number }) =>
      `Another process kept ${p.file} locked for ${p.waitedSeconds} s`,
    next: 'Wait for the other writer to finish and try again; if there is none, look for a stopped process that holds it.',
  },
  SECRET_IN_CONFIG: {
    message: (p: { file: string }) =>
      `The address of the database has a password in it, which would be written to ${p.file} for all to read`,
    next: 'Leave it out, and put it into ~/.lsst/db-auth.yaml (or ~/.pgpass, PGPASSWORD; ~/.my.cnf, MYSQL_PWD).',
  },
  DATABASE_UNREACHABLE: {
    message: (p: { location: string; reason: string }) => `The database ${p.location} cannot be reached: ${p.reason}`,
    next: 'Check the host and port in `registry.db` of butler.yaml, and that the server runs and lets this machine in.',
  },
  BAD_CREDENTIALS: {
    message: (p: { location: string; reason: string }) => `No entry to the database ${p.location}: ${p.reason}`,
    next: 'Put the password into ~/.lsst/db-auth.yaml (or ~/.pgpass, PGPASSWORD; ~/.my.cnf, MYSQL_PWD), readable by you alone.',
  },
  CREDENTIALS_FILE: {
    message: (p: { path: string; problem: string }) => `The credentials in ${p.path} cannot be used: ${p.problem}`,
    next: 'Correct it; a file of passwords may be readable by its owner only (chmod 600).',
  },
  NO_DATABASE: {
    message: (p: { location: string; database: string }) =>
      `There is no database "${p.database}" on the server (${p.location})`,
    next: 'Correct the name in `registry.db`, or have the database made (createdb).',
  },
  NO_REGISTRY: {
    message: (p: { location: string }) => `The database ${p.location} holds no registry`,
    next: 'Check `registry.db` and `registry.namespace` in butler.yaml.',
  },
  REGISTRY_EXISTS: {
    message: (p: { location: string }) => `The database ${p.location} holds a registry already`,
    next: 'Choose another namespace for the new repository.',
  },
  EXTENSION_MISSING: {
    message: (p: { location: string; extension: string; reason: string }) =>
      `The database ${p.location} lacks the extension ${p.extension}, and it cannot be added: ${p.reason}`,
    next: 'Have an administrator run CREATE EXTENSION once in this database.',
  },
  NO_PRIVILEGE: {
    message: (p: { location: string; reason: string }) =>
      `The database ${p.location} does not allow this user to do that: ${p.reason}`,
    next: 'Open the repository read-only, or have the rights to its tables granted.',
  },
  DATABASE_INTERRUPTED: {
    message: (p: { location: string; reason: string }) =>
      `The connection to the database ${p.location} was lost, and nothing of what was under way is written: ${p.reason}`,
    next: 'Run the same command again once the server is back.',
  },
  COMMIT_UNKNOWN: {
    message: (p: { location: string; reason: string }) =>
      `The connection to the database ${p.location} was lost while a change was being committed, and this server cannot be asked what became of it: ${p.reason}`,
    next: 'See whether the change is there (query-datasets, query-collections); if not, run the same command again.',
  },
  ENGINE_NOT_CONNECTED: {
    message: (p: { file: string; engine: string }) =>
      `${p.file} names a database of the kind ${p.engine}: its SQL is written, but this program has no connection to such a server and was never run on one`,
    next: 'Keep the registry in SQLite, PostgreSQL or MariaDB.',
  },
  DATABASE_COLLISION: {
    message: (p: { location: string; reason: string }) =>
      `Other writers of the database ${p.location} were in the way, and nothing of what was under way is written: ${p.reason}`,
    next: 'Run the same command again.',
  },
  DATABASE_FAILED: {
    message: (p: { location: string; reason: string }) => `The database ${p.location} failed: ${p.reason}`,
    next: 'If the server is sound, this is a defect: report it with the message.',
  },
  CONSTRAINT: {
    message: (p: { table: string; detail: string }) => `The database refused a row of ${p.table}: ${p.detail}`,
    next: 'Insert the rows it depends on first (instrument before detector, visit before its regions), or correct the values.',
  },
  UNKNOWN_DIMENSION: {
    message: (p: { name: string; hint: string }) => `"${p.name}" is not a dimension of this universe.${p.hint}`,
    next: 'See `skymill query-dimension-records --help` for the names of dimensions.',
  },
  MISSING_KEYS: {
    message: (p: { missing: string; dataId: string }) => `The data ID ${p.dataId} has no value for ${p.missing}`,
    next: 'Add the missing keys.',
  },
  BAD_KEY_TYPE: {
    message: (p: { dimension: string; value: string; expected: string }) =>
      `${p.value} is not a value for ${p.dimension}, which takes ${p.expected}`,
    next: 'Give a value of the right type; integers must be below 2^53.',
  },
  INTEGER_TOO_LARGE: {
    message: (p: { column: string; value: string }) =>
      `The repository has ${p.value} for ${p.column}, and integers from 2^53 on cannot be read exactly here`,
    next: 'Leave the rows with such values out of the query; give new data values below 2^53.',
  },
  INCONSISTENT_GROUP: {
    message: (p: { name: string; dimensions: string }) => `"${p.name}" is not one of the dimensions {${p.dimensions}}`,
    next: 'Ask for a dimension of this data ID only.',
  },
  UNKNOWN_ELEMENT_FIELD: {
    message: (p: { field: string; element: string; hint: string }) =>
      `"${p.field}" is not a field of ${p.element} records.${p.hint}`,
    next: 'Remove the field or correct its name.',
  },
  MISSING_RECORD_FIELD: {
    message: (p: { field: string; element: string; record: string }) =>
      `A ${p.element} record has no value for ${p.field}: ${p.record}`,
    next: 'Give the field a value; keys may not be null.',
  },
  BAD_RECORD_FIELD: {
    message: (p: { field: string; element: string; value: string; expected: string }) =>
      `${p.value} is not a value for ${p.element}.${p.field}, which takes ${p.expected}`,
    next: 'Correct the value.',
  },
  NO_TABLE: {
    message: (p: { element: string; source: string }) =>
      `${p.element} has no records of its own: its values come from ${p.source}`,
    next: 'Insert records of the other element.',
  },
  RECORD_CONFLICT: {
    message: (p: { element: string; key: string; field: string; old: string; new: string }) =>
      `A ${p.element} record (${p.key}) exists with ${p.field} = ${p.old}, not ${p.new}`,
    next: 'Leave the existing record (`skip`), or replace it on purpose (`replace`).',
  },
  NO_RECORD: {
    message: (p: { element: string; key: string }) => `There is no ${p.element} record for ${p.key}`,
    next: 'Register the instrument, ingest the exposure or define the visit first; or correct the data ID.',
  },
  INCONSISTENT_DATA_ID: {
    message: (p: { dimension: string; given: string; found: string; element: string }) =>
      `The data ID has ${p.dimension} = ${p.given}, but its ${p.element} has ${p.found}`,
    next: 'Leave the dependent key out, or correct it.',
  },
  UNRELATED: {
    message: (p: { element: string; dataId: string }) =>
      `The values of ${p.dataId} do not belong together: there is no ${p.element} for them`,
    next: 'Correct the data ID, for example the visit to which the exposure belongs.',
  },
  BAD_ID: {
    message: (p: { id: string }) => `"${p.id}" is not the id of a dataset, which is a UUID`,
    next: 'Copy the id from `skymill query-datasets`.',
  },
  NO_COLLECTION: {
    message: (p: { name: string; hint: string }) => `There is no collection "${p.name}".${p.hint}`,
    next: 'List what there is with `skymill query-collections`.',
  },
  COLLECTION_TYPE: {
    message: (p: { name: string; type: string; wanted: string }) =>
      `Collection "${p.name}" is of type ${p.type}, but ${p.wanted} is needed here`,
    next: 'Choose another collection name.',
  },
  CHAIN_CYCLE: {
    message: (p: { parent: string; child: string }) =>
      `"${p.child}" cannot go into the chain "${p.parent}": the chain would contain itself`,
    next: 'Take the parent out of that child first.',
  },
  NOT_IN_CHAIN: {
    message: (p: { parent: string; child: string; hint: string }) =>
      `"${p.child}" is not a member of the chain "${p.parent}".${p.hint}`,
    next: 'See the members with `skymill query-collections`.',
  },
  COLLECTION_IN_CHAIN: {
    message: (p: { name: string; chains: string }) =>
      `Collection "${p.name}" cannot be removed: it is a member of ${p.chains}`,
    next: 'Take it out of those chains first, or allow unlinking it from them.',
  },
  RUN_NOT_EMPTY: {
    message: (p: { name: string; datasets: number }) => `RUN collection "${p.name}" holds ${p.datasets} datasets`,
    next: 'Remove it with its datasets and files by `skymill remove-runs`.',
  },
  NO_DATASET: {
    message: (p: { id: string; dataset: string }) => `${p.dataset} (${p.id}) is not in this repository`,
    next: 'It was removed, or belongs to another repository: query for the datasets again.',
  },
  FILES_NOT_DELETED: {
    message: (p: { files: number; first: string; reason: string }) =>
      `${p.files} files of removed datasets could not be deleted, the first of them ${p.first}: ${p.reason}`,
    next: 'The datasets are removed and their files stay marked as trash: put the cause right, and the next removal deletes them.',
  },
  NOT_GOVERNOR: {
    message: (p: { name: string; governors: string; hint: string }) =>
      `"${p.name}" can have no default value: only ${p.governors} can.${p.hint}`,
    next: 'Give the value with each data ID or query.',
  },
  NO_DEFAULT: {
    message: (p: { what: string }) => `No ${p.what} is given, and the repository was opened without a default`,
    next: 'Name it in the call, or when the repository is opened.',
  },
  NO_DATASET_TYPE: {
    message: (p: { name: string; hint: string }) => `There is no dataset type "${p.name}".${p.hint}`,
    next: 'List what there is with `skymill query-dataset-types`, or register it.',
  },
  DATASET_TYPE_CONFLICT: {
    message: (p: { name: string; what: string; old: string; new: string }) =>
      `Dataset type "${p.name}" exists with ${p.what} ${p.old}, not ${p.new}`,
    next: 'Use the registered definition, or another name.',
  },
  DATASET_TYPE_IN_USE: {
    message: (p: { name: string; runs: string }) =>
      `Dataset type "${p.name}" cannot be removed: there are datasets of it in ${p.runs}`,
    next: 'Remove those datasets first.',
  },
  BAD_DATASET_TYPE_NAME: {
    message: (p: { name: string }) => `"${p.name}" cannot name a dataset type`,
    next: 'Use letters, digits and underscores, beginning with a letter.',
  },
  NOT_CALIBRATION: {
    message: (p: { name: string }) => `Dataset type "${p.name}" was not registered as a calibration`,
    next: 'Only calibration dataset types can be certified: register it with `isCalibration`.',
  },
  VALIDITY_OVERLAP: {
    message: (p: { datasetType: string; dataId: string; collection: string; range: string; other: string }) =>
      `${p.datasetType} ${p.dataId} has the validity range ${p.other} in "${p.collection}" already, which overlaps ${p.range}`,
    next: 'Choose ranges that do not overlap, or another collection.',
  },
  AMBIGUOUS_CALIBRATION: {
    message: (p: { datasetType: string; dataId: string; collection: string }) =>
      `More than one ${p.datasetType} in "${p.collection}" is valid for ${p.dataId}`,
    next: 'Give an instant or a timespan, or a data ID with an exposure or visit.',
  },
  DATASET_CONFLICT: {
    message: (p: { datasetType: string; dataId: string; collection: string; id: string }) =>
      `There is a ${p.datasetType} for ${p.dataId} in "${p.collection}" already (${p.id})`,
    next: 'Write to another run, or remove the existing dataset first; ingest with --on-conflict skip leaves it alone.',
  },
  ID_CONFLICT: {
    message: (p: { id: string; detail: string }) => `Dataset id ${p.id} is in use for ${p.detail}`,
    next: 'Give the new dataset a new id.',
  },
  NOT_STORED: {
    message: (p: { datasetType: string; dataId: string; id: string }) =>
      `${p.datasetType} ${p.dataId} (${p.id}) is registered but has no file in this repository`,
    next: 'It was removed or never stored: run the task that makes it again, or ingest its file.',
  },
  NOT_ASSIGNED: {
    message: (p: { datasetType: string; dataId: string; id: string }) =>
      `${p.datasetType} ${p.dataId} (${p.id}) is not among the datasets this job was given`,
    next: 'Declare it as an input or output connection of the task.',
  },
  FILE_MISSING: {
    message: (p: { path: string; dataset: string }) => `${p.path} is gone; it should hold ${p.dataset}`,
    next: 'Restore the file, or remove the dataset and make it again.',
  },
  FILE_SIZE: {
    message: (p: { path: string; expected: number; found: number }) =>
      `${p.path} has ${p.found} bytes, but ${p.expected} are recorded`,
    next: 'Something changed or truncated the file: remove the dataset and make it again.',
  },
  TRUNCATED_WRITE: {
    message: (p: { path: string; written: number; found: number }) =>
      `${p.written} bytes were written to ${p.path}, and the file has ${p.found}`,
    next: 'Something else changes files of this repository, or its disk loses bytes: find out before more is written.',
  },
  FILE_EXISTS: {
    message: (p: { path: string; source: string }) => `${p.path} exists already; ${p.source} cannot take its place`,
    next: 'Move the existing file away if no dataset uses it.',
  },
  FILE_UNREADABLE: {
    message: (p: { path: string; reason: string }) => `Cannot read ${p.path}: ${p.reason}`,
    next: 'Check that the file exists and that you may read it.',
  },
  BAD_PATH: {
    message: (p: { path: string; reason: string }) => `"${p.path}" cannot be a path in the datastore: ${p.reason}`,
    next: 'Correct the file template or the path.',
  },
  BAD_TEMPLATE: {
    message: (p: { template: string; problem: string }) => `File template "${p.template}": ${p.problem}`,
    next: 'Correct the template; it must contain {run} or {id} and only known fields.',
  },
  TEMPLATE_FIELD: {
    message: (p: { template: string; field: string; dataset: string }) =>
      `File template "${p.template}" needs ${p.field}, which ${p.dataset} does not have`,
    next: 'Give the dimension record of the data ID, or mark the field optional with ":?".',
  },
  NO_FORMATTER: {
    message: (p: { formatter: string; storageClass: string; path: string }) =>
      `No reader is known for ${p.path} (formatter ${p.formatter}, storage class ${p.storageClass})`,
    next: 'It can be listed and copied; to read it here, register a formatter for it.',
  },
  PYTHON_ONLY: {
    message: (p: { path: string; storageClass: string; format: string }) =>
      `${p.path} (storage class ${p.storageClass}) is ${p.format}, which only Python can read`,
    next: 'It can be listed, copied and removed here; read it in Python, or have the task write another storage class.',
  },
  NO_WRITER: {
    message: (p: { storageClass: string; hint: string }) =>
      `There is no way to write storage class "${p.storageClass}".${p.hint}`,
    next: 'Use one of the known storage classes, or register a formatter.',
  },
  NOT_ACCEPTED: {
    message: (p: { datasetType: string; storageClass: string }) =>
      `The datastore does not take ${p.datasetType} (storage class ${p.storageClass}): its constraints reject it`,
    next: 'Change `constraints` under `datastore` in butler.yaml, or write to another repository.',
  },
  NOT_CONVERTIBLE: {
    message: (p: { datasetType: string; from: string; to: string; hint: string }) =>
      `${p.datasetType} is stored as ${p.from}, which cannot be given as ${p.to}.${p.hint}`,
    next: 'Ask for another storage class, or leave it out.',
  },
  BAD_OBJECT: {
    message: (p: { storageClass: string; expected: string; found: string }) =>
      `Storage class ${p.storageClass} takes ${p.expected}, not ${p.found}`,
    next: 'Return another object from the task, or declare another storage class.',
  },
  NO_COMPONENT: {
    message: (p: { component: string; storageClass: string; hint: string }) =>
      `Storage class ${p.storageClass} has no component "${p.component}".${p.hint}`,
    next: 'Ask for one of its components.',
  },
  BAD_PARAMETER: {
    message: (p: { parameter: string; storageClass: string; problem: string }) =>
      `Parameter "${p.parameter}" of storage class ${p.storageClass}: ${p.problem}`,
    next: 'Correct the parameter.',
  },
  BAD_DATABASE: {
    message: (p: { path: string; reason: string }) => `${p.path} is not a whole SQLite database: ${p.reason}`,
    next: 'Restore the database from a backup; the files of the datastore are as they were.',
  },
  BAD_FILE: {
    message: (p: { path: string; format: string; reason: string }) =>
      `${p.path} is not a whole ${p.format} file: ${p.reason}`,
    next: 'The file is damaged or of another kind: remove the dataset and make it again.',
  },
  BAD_TIMESPAN: {
    message: (p: { begin: string; end: string }) => `A timespan cannot begin at ${p.begin} and end at ${p.end}`,
    next: 'Let it end after it begins.',
  },
});
