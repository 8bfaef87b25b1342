// SPDX-License-Identifier: BSD-3-Clause
export { makeVisitSummary } from './makeVisitSummary.ts';
export { AB_NANOJANSKY, type SummaryRow, summaryRows, summaryTable } from './summary-table.ts';
