// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';

/**
 * Property tests draw the same cases on every run, so that a change is judged by what it changes. `SKYMILL_SEED=random` (or a
 * number) explores others; a failure prints its seed.
 */
const wanted = process.env['SKYMILL_SEED'] ?? '20261121';
if (wanted !== 'random') fc.configureGlobal({ seed: Number(wanted) });
