// SPDX-License-Identifier: BSD-3-Clause
/** The task contract, configuration, pipeline YAML. */
export * from './task.ts';
