// SPDX-License-Identifier: BSD-3-Clause

/**
 * Predicted quantum graph files (`.qg`) of Gen3 middleware, versions 0 and 1: a zip archive whose members are stored without
 * compression of the archive's own.
 *
 * | member | content |
 * |---|---|
 * | `compression_dict` | optional: dictionary for all zstd frames of the file |
 * | `header.json.zst` | {@link PeerHeader} |
 * | `pipeline_graph.json.zst` | {@link PeerPipelineGraph} |
 * | `thin_graph.json.zst` | quanta by task with id and data ID, and pairs of ids (earlier, later): {@link PeerThinGraph} |
 * | `dimension_data.json.zst` | records by element: keys, implied keys, the rest in the order of the universe |
 * | `init_quanta.json.zst` | a list of {@link PeerQuantum}: one for the run (label ""), one for each task |
 * | `quantum_datasets.mb` | for each quantum the length of a block (integer of `int_size` bytes) and the block: a zstd frame with a {@link PeerQuantum} |
 * | `quanta.addr` | one byte `int_size`; number of rows; number of addresses a row (1); then rows in the order of ids: 16 bytes of id, place among the rows, offset and size (with the length) of the block in `quantum_datasets.mb` |
 *
 * Integers are big-endian. JSON of a member or a block is one zstd frame which tells its content size. Data IDs are lists of all values:
 * those of the required dimensions in the order of the universe, then those of the implied ones.
 *
 * In version 0 the thin graph numbers quanta instead of naming their ids; everything else is the same.
 */
export const peerVersion = 1;
export const intBytes = 8;

export const members = {
  dictionary: 'compression_dict',
  header: 'header.json.zst',
  pipeline: 'pipeline_graph.json.zst',
  thin: 'thin_graph.json.zst',
  dimensionData: 'dimension_data.json.zst',
  init: 'init_quanta.json.zst',
  quanta: 'quantum_datasets.mb',
  addresses: 'quanta.addr',
} as const;

export interface PeerHeader {
  version: number;
  graph_type: string;
  inputs: string[];
  output: string | null;
  output_run: string;
  user: string;
  timestamp: string;
  command: string;
  metadata: Record<string, unknown>;
  int_size: number;
  n_quanta: number;
  n_datasets: number;
  n_task_quanta: Record<string, number>;
  provenance_dataset_id: string;
}

export interface PeerThinGraph {
  quanta: Record<string, { quantum_id: string; data_coordinate: PeerDataId }[]>;
  edges: [string, string][];
}

export type PeerDataId = (string | number)[];

export interface PeerDataset {
  dataset_id: string;
  dataset_type_name: string;
  data_coordinate: PeerDataId;
  run: string;
}

export interface PeerQuantum {
  quantum_id: string;
  task_label: string;
  data_coordinate: PeerDataId;
  inputs: Record<string, PeerDataset[]>;
  outputs: Record<string, PeerDataset[]>;
  datastore_records: Record<string, PeerDatastoreRecords>;
}

export interface PeerDatastoreRecords {
  dataset_ids: string[];
  /** By class of record, id of dataset (32 hexadecimal digits) and table. */
  records: Record<string, Record<string, Record<string, PeerFileRecord[]>>>;
}

export interface PeerFileRecord {
  formatter: string;
  path: string;
  storage_class: string;
  component: string;
  checksum: string | null;
  file_size: number;
}

export const fileRecordClass = 'lsst.daf.butler.datastore.stored_file_info.StoredFileInfo';
export const fileRecordTable = 'file_datastore_records';
/** How a record says that the file is the whole dataset. */
export const noComponent = '__NULL_STRING__';
/** The name that a file datastore has unless its configuration gives it another. */
export const usualDatastore = 'FileDatastore@<butlerRoot>';

export interface PeerEdge {
  dataset_type_name: string;
  storage_class: string;
  raw_dimensions: string[];
  is_calibration: boolean;
  defer_query_constraint: boolean;
}

export interface PeerTask {
  task_class: string;
  init: {
    inputs: Record<string, PeerEdge>;
    outputs: Record<string, PeerEdge>;
    config_output: PeerEdge;
    index: number | null;
  };
  config_str: string;
  prerequisite_inputs: Record<string, PeerEdge>;
  inputs: Record<string, PeerEdge>;
  outputs: Record<string, PeerEdge>;
  metadata_output: PeerEdge;
  log_output: PeerEdge | null;
  dimensions: string[];
  index: number | null;
}

export interface PeerDatasetType {
  dimensions: string[] | null;
  storage_class: string | null;
  is_calibration: boolean;
  is_initial_query_constraint: boolean;
  is_prerequisite: boolean;
  index: number | null;
}

export interface PeerPipelineGraph {
  version: string;
  description: string;
  tasks: Record<string, PeerTask>;
  dataset_types: Record<string, PeerDatasetType>;
  task_subsets: Record<string, { description: string; tasks: string[]; dimensions: string[] }>;
  /** The dimension universe, in the form in which repositories keep it. */
  dimensions: unknown;
  data_id: Record<string, unknown>;
  step_labels: string[];
  steps_verified: boolean;
}
