// SPDX-License-Identifier: BSD-3-Clause
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { delimiter, resolve } from 'node:path';
import { pipelineErrors } from '../errors.ts';
import { protocolVersion } from './protocol.ts';

const packageFolder = resolve(import.meta.dirname, '../../../python');
/** Lines of standard error that are quoted when the process fails. */
const quotedLines = 12;
const newline = 0x0a;

/** What a request met in the code of a user's package. */
export interface PythonFailure {
  /** What was called. */
  readonly what: string;
  readonly dataId: string;
  readonly problem: string;
  readonly traceback: string;
}

/** A request that ended with an exception in Python. */
export class PythonFailed extends Error {
  readonly failure: PythonFailure;

  constructor(failure: PythonFailure) {
    super(failure.problem);
    this.failure = failure;
  }
}

type Message = { value: unknown } | { failed: PythonFailure } | { want: unknown };
type Request = { ask: string } & Record<string, unknown>;
type Give = (question: never) => Promise<unknown>;
interface Waiting {
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
  give: Give | undefined;
}

/**
 * A Python process (python/skymill_worker) that answers requests in the order in which they come; several may be under way. Messages are
 * lines of JSON. What the user's packages print goes to its standard error, of which the end is quoted when it fails.
 */
export class PythonWorker {
  readonly #python: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: Waiting[] = [];
  readonly #ended = Promise.withResolvers<void>();
  #chunks: Buffer[] = [];
  #said = '';
  #problem: string | undefined;

  constructor(python: string) {
    this.#python = python;
    this.#child = spawn(python, ['-m', 'skymill_worker'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PYTHONPATH: [packageFolder, process.env['PYTHONPATH']]
          .filter((one) => one !== undefined && one !== '')
          .join(delimiter),
        PYTHONDONTWRITEBYTECODE: process.env['PYTHONDONTWRITEBYTECODE'] ?? '1',
      },
    });
    const { stdin, stdout, stderr } = this.#child;
    stdout.on('data', (chunk: Buffer) => this.#take(chunk));
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-65_536);
    });
    this.#child.on('error', (error) => this.#end((error as Error).message));
    this.#child.on('close', (code, signal) => this.#end(`it ended with ${signal ?? `exit code ${code}`}`));
    // A process that ends before it has read everything is told of by its end, not by the broken pipe.
    stdin.on('error', () => {});
  }

  /**
   * @param give answers questions that Python has while it works on the request
   * @throws PIPELINE_PYTHON_WORKER where the process cannot be started or ends, {@link PythonFailed}
   */
  ask<T>(request: Request, give?: (question: never) => Promise<unknown>): Promise<T> {
    if (this.#problem !== undefined) return Promise.reject(this.#failure());
    const answer = new Promise<T>((resolve, reject) => this.#waiting.push({ resolve, reject, give }));
    this.#write({ protocol: protocolVersion, ...request });
    return answer;
  }

  /** Lets the process end, or ends it where it is still at work. */
  async close(): Promise<void> {
    if (this.#waiting.length > 0) this.#child.kill();
    this.#child.stdin.end();
    await this.#ended.promise;
  }

  #write(message: unknown): void {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  #take(chunk: Buffer): void {
    let rest = chunk;
    for (let at = rest.indexOf(newline); at >= 0; at = rest.indexOf(newline)) {
      const line = Buffer.concat([...this.#chunks, rest.subarray(0, at)]);
      this.#chunks = [];
      rest = rest.subarray(at + 1);
      this.#answered(line.toString('utf8'));
    }
    if (rest.length > 0) this.#chunks.push(rest);
  }

  #answered(line: string): void {
    const waiting = this.#waiting[0];
    let message: Message;
    try {
      message = JSON.parse(line) as Message;
      if (waiting === undefined) throw new Error('nothing was asked');
    } catch {
      this.#child.kill();
      this.#end('its answer cannot be read');
      return;
    }
    if ('want' in message) {
      void this.#given(waiting, message.want);
      return;
    }
    this.#waiting.shift();
    if ('failed' in message) waiting.reject(new PythonFailed(message.failed));
    else waiting.resolve(message.value as never);
  }

  async #given({ give, reject }: Waiting, question: unknown): Promise<void> {
    try {
      this.#write({ given: await give?.(question as never) });
    } catch (error) {
      reject(error);
      this.#child.kill();
    }
  }

  #end(problem: string): void {
    this.#problem ??= problem;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure());
    this.#ended.resolve();
  }

  #failure() {
    const said = this.#said.trimEnd().split('\n').slice(-quotedLines).join('\n');
    return pipelineErrors.PYTHON_WORKER({ python: this.#python, problem: this.#problem ?? '', said });
  }
}

/** The interpreter of a command line, of the environment, or that of the path. */
export function pythonProgram(given?: string): string {
  return given ?? process.env['SKYMILL_PYTHON'] ?? 'python3';
}
