// SPDX-License-Identifier: BSD-3-Clause
/** Pictures, plots and self-contained pages. */
export { luptonRgb } from './colour.ts';
export { matchNearest, robustRms } from './match.ts';
export { encodePng } from './png.ts';
export { comparisonPage } from './run/comparison-page.ts';
export type { RunView } from './run/run-page.ts';
export { type SurveyReportOptions, surveyReport } from './survey-report.ts';
export { compareWithTruth, type MeasuredSources, type TrueSources, type TruthComparison } from './truth.ts';
