// SPDX-License-Identifier: BSD-3-Clause
/** Pictures, plots and self-contained pages. */
export { luptonRgb } from './colour.ts';
export { matchNearest, median, robustRms } from './match.ts';
export { type Block, type Check, renderPage, type Section } from './page.ts';
export { histogramPlot, scatterPlot, skyMapPlot } from './plot.ts';
export { encodePng, pngDataUri } from './png.ts';
export { type SurveyReportOptions, surveyReport } from './survey-report.ts';
export { compareWithTruth, type MeasuredSources, type TrueSources, type TruthComparison } from './truth.ts';
