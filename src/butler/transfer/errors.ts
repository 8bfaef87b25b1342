// SPDX-License-Identifier: BSD-3-Clause
import { defineErrors } from '../../base/index.ts';

/** Errors of moving datasets between repositories, files, tables and archives; and of finding repositories by name. */
export const transferErrors = defineErrors('TRANSFER', {
  BAD_INDEX: {
    message: (p: { source: string; problem: string }) =>
      `The repository index in ${p.source} cannot be used: ${p.problem}.`,
    next: 'It must be YAML or JSON that maps labels to repositories, such as {main: /repo/main}; see DAF_BUTLER_REPOSITORY_INDEX and DAF_BUTLER_REPOSITORIES.',
  },
  UNKNOWN_LABEL: {
    message: (p: { label: string; known: string; hint: string }) =>
      `"${p.label}" is neither a repository nor a label of one.${p.hint} Known labels: ${p.known}.`,
    next: 'Give a known label, or the folder of a repository.',
  },
  BAD_DATASET_URI: {
    message: (p: { uri: string; problem: string }) => `"${p.uri}" does not name a dataset: ${p.problem}.`,
    next: 'Write butler://LABEL/UUID, or ivo://AUTHORITY/PATH?repo=LABEL&id=UUID.',
  },
  NO_SUCH_DATASET: {
    message: (p: { id: string; repository: string }) => `There is no dataset ${p.id} in ${p.repository}.`,
    next: 'Check the id; it may have been removed, or the dataset is in another repository.',
  },
  EXISTS: {
    message: (p: { path: string; what: string }) => `${p.path} exists already; ${p.what} is not written there.`,
    next: 'Choose another place, move what is there away, or ask to replace it (--clobber where there is such an option).',
  },
  SOURCE_MISSING: {
    message: (p: { path: string; dataset: string }) => `${p.path}, which holds ${p.dataset}, does not exist.`,
    next: 'Restore the file, or leave out the datasets without files.',
  },
  OUTSIDE: {
    message: (p: { path: string; root: string }) => `"${p.path}" leads out of ${p.root}.`,
    next: 'Give a path below that folder; an export or an archive that names others is damaged or forged.',
  },
  NOT_IN_STORE: {
    message: (p: { path: string; root: string }) =>
      `${p.path} is not inside the datastore ${p.root}, and no transfer was asked for.`,
    next: 'Choose a transfer mode, such as --transfer copy.',
  },
  MISSING_TYPE: {
    message: (p: { name: string; repository: string }) =>
      `Dataset type "${p.name}" is not registered in ${p.repository}.`,
    next: 'Register it first (`skymill register-dataset-type`); `transfer-datasets --register-dataset-types` does so by itself.',
  },
  UNIVERSE: {
    message: (p: { what: string; found: string; here: string }) =>
      `${p.what} has dimensions of universe ${p.found}, but this repository has ${p.here}.`,
    next: 'Bring it into a repository with the same universe; older versions of daf_butler are converted, newer or foreign ones are not.',
  },
  DIFFERENT_DATASET: {
    message: (p: { id: string; here: string; there: string }) =>
      `Dataset ${p.id} is ${p.here} here, but ${p.there} in what comes.`,
    next: 'The id is taken by another dataset: remove that one, or leave this one out.',
  },
  BAD_TABLE: {
    message: (p: { file: string; problem: string }) => `${p.file} is not a usable table: ${p.problem}.`,
    next: 'Give CSV, ECSV or JSON whose first column is the file and whose other columns are dimensions of the data ID.',
  },
  BAD_ARCHIVE: {
    message: (p: { file: string; problem: string }) => `${p.file} is not a zip archive of datasets: ${p.problem}.`,
    next: 'Give a zip file that `retrieve-artifacts --zip` wrote.',
  },
  PARTLY_KNOWN: {
    message: (p: { file: string; known: number; fresh: number; first: string }) =>
      `${p.file} holds ${p.known} datasets that are here already (such as ${p.first}) and ${p.fresh} that are not.`,
    next: 'An archive comes whole: make one with the missing datasets only.',
  },
  ALREADY_HERE: {
    message: (p: { file: string; known: number; first: string }) =>
      `All ${p.known} datasets of ${p.file} are here already, such as ${p.first}.`,
    next: 'Nothing needs to be done; with --skip-existing this is no error.',
  },
  BAD_REGION: {
    message: (p: { typeByte: number }) =>
      `A region in the repository begins with byte ${p.typeByte}, which is no kind of region.`,
    next: 'The dimension record is damaged: insert it again with a proper region (onConflict replace).',
  },
  IN_PARTS: {
    message: (p: { dataset: string; files: number }) => `${p.dataset} is stored in ${p.files} files.`,
    next: 'Export files hold one file a dataset: use transfer-datasets, or retrieve-artifacts --zip, for datasets in parts.',
  },
  IN_ARCHIVE: {
    message: (p: { dataset: string; path: string }) => `${p.dataset} is a member of an archive (${p.path}).`,
    next: 'Export files name whole files: copy them (--transfer copy), or use transfer-datasets or retrieve-artifacts --zip.',
  },
  CHECKSUM: {
    message: (p: { path: string }) =>
      `${p.path} is not as it was written: its checksum is another than the recorded one.`,
    next: 'Restore the file from a copy, or remove the dataset and make it again; `skymill doctor` finds others.',
  },
  NOTHING: {
    message: (p: { what: string }) => `No dataset was chosen for ${p.what}.`,
    next: 'Choose others by dataset type, collections and --where.',
  },
  NO_MOVE: {
    message: (p: { what: string }) => `${p.what} cannot move files out of a repository.`,
    next: 'Use copy or one of the links.',
  },
});
