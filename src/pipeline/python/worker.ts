// SPDX-License-Identifier: BSD-3-Clause
import { spawn } from 'node:child_process';
import { delimiter, resolve } from 'node:path';
import { pipelineErrors } from '../errors.ts';
import { type DescribeAnswer, type DescribeRequest, protocolVersion } from './protocol.ts';

const packageFolder = resolve(import.meta.dirname, '../../../python');
/** Lines of standard error that are quoted when the process fails. */
const quotedLines = 12;

/**
 * Asks a Python process, which is started for this and ends with the answer. What the user's packages print goes to our standard error.
 * @throws PIPELINE_PYTHON_WORKER
 */
export async function askPython(python: string, request: DescribeRequest): Promise<DescribeAnswer> {
  const child = spawn(python, ['-m', 'skymill_worker'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PYTHONPATH: [packageFolder, process.env['PYTHONPATH']]
        .filter((one) => one !== undefined && one !== '')
        .join(delimiter),
      PYTHONDONTWRITEBYTECODE: process.env['PYTHONDONTWRITEBYTECODE'] ?? '1',
    },
  });
  let answer = '';
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = Promise.withResolvers<string | undefined>();
  child.on('error', (error) => ended.resolve((error as Error).message));
  child.on('close', (code, signal) => {
    ended.resolve(code === 0 ? undefined : `it ended with ${signal ?? `exit code ${code}`}`);
  });
  // A process that ends before it has read everything is told of by its end, not by the broken pipe.
  child.stdin.on('error', () => {});
  const { tasks, contracts, instrument, parameters } = request;
  child.stdin.end(
    JSON.stringify({
      protocol: protocolVersion,
      instrument: instrument ?? null,
      parameters,
      tasks: tasks.map(({ label, taskClass, overrides }) => ({ label, class: taskClass, overrides })),
      contracts,
    }),
  );
  const problem = await ended.promise;
  const tail = said.trimEnd().split('\n').slice(-quotedLines).join('\n');
  if (problem !== undefined) throw pipelineErrors.PYTHON_WORKER({ python, problem, said: tail });
  try {
    return JSON.parse(answer) as DescribeAnswer;
  } catch (cause) {
    throw pipelineErrors.PYTHON_WORKER({ python, problem: 'its answer cannot be read', said: tail }, { cause });
  }
}
