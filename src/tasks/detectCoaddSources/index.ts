// SPDX-License-Identifier: BSD-3-Clause
export { detectCoaddSources } from './detectCoaddSources.ts';
