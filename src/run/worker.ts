// SPDX-License-Identifier: BSD-3-Clause
/** The door for entry files of worker processes: it opens to nothing of graphs, controller and reports, which would take a tenth of a second to load. */
export { type WorkerOptions, workerMain } from './workers/typescript/main.ts';
