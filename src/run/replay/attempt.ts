// SPDX-License-Identifier: BSD-3-Clause
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runErrors } from '../errors.ts';
import { beginProcess, type WorkerCommand } from '../workers/begin-process.ts';
import { causeOfExit, OomWatch } from '../workers/exit-cause.ts';
import { type EndedMessage, PROTOCOL_VERSION, type QuantumSpec, type SetupMessage } from '../workers/protocol.ts';
import { peakMemoryBytes } from '../workers/usage.ts';
import { WorkerProcess } from '../workers/worker-process.ts';

/** How a replayed attempt ended: as the worker says, or with the cause of the worker's death. */
export type ReplayedAttempt = Pick<EndedMessage, 'outcome' | 'cause' | 'caveats' | 'outputs' | 'missing'> &
  Partial<Pick<EndedMessage, 'usage'>>;

/** Runs one quantum in a worker process of its own, started for it and ended after it. `signal` ends it at once. */
export function runOnce(
  command: WorkerCommand,
  setup: Omit<SetupMessage, 'type' | 'scratch' | 'logFile'>,
  spec: QuantumSpec,
  folder: string,
  signal?: AbortSignal,
): Promise<ReplayedAttempt> {
  const oom = new OomWatch();
  mkdirSync(join(folder, 'scratch'), { recursive: true });
  return new Promise((resolve, reject) => {
    let ended: EndedMessage | undefined;
    let peak = 0;
    const sampler = setInterval(() => {
      if (worker.pid !== undefined) peak = peakMemoryBytes(worker.pid) ?? peak;
    }, 250);
    const stop = () => worker.kill();
    const worker = new WorkerProcess(
      beginProcess(command),
      join(folder, 'console.txt'),
      (message) => {
        if (message.type === 'hello') {
          if (message.protocol !== PROTOCOL_VERSION) {
            worker.kill();
            reject(runErrors.PROTOCOL({ problem: `version ${message.protocol} and ${PROTOCOL_VERSION}` }));
            return;
          }
          worker.send({ type: 'setup', ...setup, scratch: join(folder, 'scratch'), logFile: join(folder, 'log.txt') });
          worker.send({ type: 'run', quantum: spec });
        } else if (message.type === 'ended') {
          ended = message;
          worker.send({ type: 'stop' });
        }
      },
      (exit) => {
        clearInterval(sampler);
        signal?.removeEventListener('abort', stop);
        if (ended !== undefined) resolve(ended);
        else if (exit.spawnError !== undefined)
          reject(
            runErrors.WORKER_DOES_NOT_START({
              command: [command.file, ...command.args].join(' '),
              times: 1,
              how: exit.spawnError,
              stderr: exit.stderrTail,
            }),
          );
        else {
          const cause = causeOfExit(exit, signal?.aborted === true ? 'cancelled' : undefined, oom);
          resolve({ outcome: 'failed', cause, caveats: [], outputs: [], missing: [] });
        }
      },
    );
    if (signal?.aborted === true) stop();
    signal?.addEventListener('abort', stop);
  });
}
