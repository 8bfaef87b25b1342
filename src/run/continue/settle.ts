// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi } from '../../butler/index.ts';
import type { QuantumGraph } from '../../graph/index.ts';
import { RunArchives } from '../controller/archives.ts';
import { QuantumSpecs } from '../controller/quantum-specs.ts';
import { Registrar } from '../controller/registrar.ts';
import { findEarlier } from '../controller/resume.ts';
import { sweepAfter } from '../controller/sweep.ts';
import { verifyFiles } from '../controller/verify-files.ts';
import { RunLock } from '../folder/lock.ts';
import { WorkerRoster } from '../folder/orphans.ts';
import type { RunFolder } from '../folder/run-folder.ts';
import { OutcomeLogWriter } from '../outcomes/log.ts';

/**
 * Brings to an end what a killed controller left, without running anything: ends its workers, removes their unfinished files and
 * registers what its log has. @returns how many outputs were given to the registry. Refused while somebody executes the run.
 */
export async function settleRun(graph: QuantumGraph, butler: ButlerApi, folder: RunFolder): Promise<number> {
  const lock = RunLock.acquire(folder.lockPath, graph.header.outputRun);
  try {
    const specs = new QuantumSpecs(graph, butler);
    const { workers } = await new WorkerRoster(folder.workersFolder).clearOrphans();
    await sweepAfter(workers, graph, butler, specs);
    const archives = new RunArchives(butler, graph.header.outputRun, () => {});
    await archives.finishAll();
    const log = OutcomeLogWriter.open(folder.outcomesPath, () => {});
    try {
      const registrar = new Registrar(butler, (row) => specs.ref(row), log);
      await findEarlier(folder.outcomesPath, graph, (files) => verifyFiles(butler, files), {
        preset() {},
        async outputs(_records, unregistered) {
          registrar.add(unregistered);
          await registrar.flush();
        },
        async lost() {},
      });
      await archives.removeUnused();
      return registrar.registered;
    } finally {
      log.close();
    }
  } finally {
    lock.release();
  }
}
