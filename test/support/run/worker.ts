// SPDX-License-Identifier: BSD-3-Clause
import { workerMain } from '../../../src/run/worker.ts';
import { resolveTestTask } from './tasks.ts';

await workerMain({ resolveTask: resolveTestTask });
