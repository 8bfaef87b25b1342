// SPDX-License-Identifier: BSD-3-Clause
// A worker process: the task library and the readers of raw files, under run/'s worker loop.
import '../instruments/index.ts';
import { workerMain } from '../run/worker.ts';
import { resolveTask } from '../tasks/index.ts';

await workerMain({ resolveTask });
