// SPDX-License-Identifier: BSD-3-Clause
import packageJson from '../../../package.json' with { type: 'json' };
import { ColumnGraph } from '../column-graph.ts';
import { graphErrors } from '../errors.ts';
import { PeerArchive } from './archive.ts';
import { dimensionDataSchema, headerSchema, initSchema, pipelineSchema, quantumSchema } from './check.ts';
import { members, type PeerHeader, type PeerPipelineGraph, type PeerQuantum, peerVersion } from './format.ts';
import { assembleImport } from './import-assemble.ts';
import { ImportState } from './import-state.ts';

/** What {@link importPeerGraph} tells now and then. */
export type ImportProgress = (quanta: number, total: number) => void;

/**
 * Reads a predicted quantum graph of Gen3 middleware as one of ours: quanta, datasets, edges and ids are those of the file, and so
 * are file records and dimension records. Quanta are read one after the other; of each its codes, its ids and its edges are kept.
 *
 * @throws GRAPH_FILE_UNREADABLE, GRAPH_PEER_NOT_GRAPH, GRAPH_PEER_VERSION, GRAPH_PEER_KIND, GRAPH_PEER_CONTENT, GRAPH_FILE_DAMAGED
 */
export async function importPeerGraph(file: string, onProgress?: ImportProgress): Promise<ColumnGraph> {
  const archive = await PeerArchive.open(file);
  try {
    const header = archive.json<PeerHeader>(members.header, headerSchema);
    if (header.version > peerVersion)
      throw graphErrors.PEER_VERSION({ file, version: header.version, known: peerVersion });
    if (header.graph_type !== 'predicted') throw graphErrors.PEER_KIND({ file, kind: header.graph_type });
    const pipeline = archive.json<PeerPipelineGraph>(members.pipeline, pipelineSchema);
    const state = new ImportState(file, header, pipeline);
    for (const init of archive.json<PeerQuantum[]>(members.init, initSchema)) state.addInit(init);
    let quanta = 0;
    for (const quantum of archive.blocks<PeerQuantum>(header.int_size, quantumSchema)) {
      state.addQuantum(quantum);
      if (++quanta % 10_000 === 0) onProgress?.(quanta, header.n_quanta);
    }
    if (quanta !== header.n_quanta)
      throw state.problem(`its header counts ${header.n_quanta} quanta, and there are ${quanta}`);
    const dimensionData = archive.json<Record<string, unknown[][]>>(members.dimensionData, dimensionDataSchema);
    const { index, parts } = assembleImport(state, dimensionData, {
      skymill: packageJson.version,
      createdAt: header.timestamp,
      inputs: header.inputs,
      ...(header.output === null || header.output === '' ? {} : { output: header.output }),
      outputRun: header.output_run,
      where: typeof header.metadata['data_query'] === 'string' ? header.metadata['data_query'] : '',
      pipeline: file,
      description: pipeline.description,
      repositoryId: '',
      universeVersion: state.universe.version,
      origin: {
        user: header.user,
        command: header.command,
        timestamp: header.timestamp,
        metadata: header.metadata,
        provenanceId: header.provenance_dataset_id,
        datastore: [...state.files.datastores][0],
        initQuanta: state.initQuanta,
      },
    });
    return new ColumnGraph(index, parts);
  } finally {
    archive.close();
  }
}
