// SPDX-License-Identifier: BSD-3-Clause
import { afterAll } from 'vitest';
import { sharedEngine } from './databases.ts';

/** Set-up of each file of tests that run on a server: what they made there goes with them. */
afterAll(() => sharedEngine().dropAll());
