// SPDX-License-Identifier: BSD-3-Clause
/** A deterministic raw survey with its truth: sky, optics, camera, nights. */
export { type SurveyOptions, surveyOptionsSchema } from './options.ts';
export { planSurvey } from './plan.ts';
export { type SimulateHooks, type SurveyReport, simulateSurvey, surveyOptions } from './survey.ts';
