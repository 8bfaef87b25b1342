// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi } from '../butler/index.ts';
import type { RunReport } from '../run/index.ts';
import { coaddPicture } from './coadd-picture.ts';
import { collectProducts, type SurveyProducts } from './collect.ts';
import { coverageFigures } from './coverage.ts';
import { type Check, renderPage, type Section } from './page.ts';
import { runSections } from './run-sections.ts';
import { truthSection } from './truth-section.ts';

export interface SurveyReportOptions {
  /** FITS table that `skymill simulate` wrote. */
  truthFile?: string;
}

/** The report page of a run: what it cost and what failed, then what came of it, in pictures, and the figures of merit. */
export async function surveyReport(
  butler: ButlerApi,
  run: RunReport,
  options: SurveyReportOptions = {},
): Promise<{ html: string; checks: Check[] }> {
  const products = await collectProducts(butler, run.run);
  const sections: Section[] = [...runSections(run)];
  const checks: Check[] = [];
  if (options.truthFile !== undefined) {
    const truth = await truthSection(products, options.truthFile);
    sections.unshift(truth.section);
    checks.push(...truth.checks);
  }
  const pictures = await pictureSection(butler, products);
  if (pictures !== undefined) sections.unshift(pictures);
  const subtitle = `Run ${run.run} · pipeline ${run.pipeline} · ${run.quanta} quanta · ${run.createdAt}`;
  return { html: renderPage(`Skymill: ${run.output ?? run.run}`, subtitle, sections), checks };
}

async function pictureSection(butler: ButlerApi, products: SurveyProducts): Promise<Section | undefined> {
  const figures = coverageFigures(products);
  const blocks: Section['blocks'][number][] = [];
  if (products.skyMap !== undefined) {
    const picture = await coaddPicture(butler, products.skyMap, products.patches);
    if (picture !== undefined) blocks.push({ kind: 'figures', figures: [picture] });
  }
  if (figures.length > 0) blocks.push({ kind: 'figures', figures });
  return blocks.length === 0 ? undefined : { title: 'The sky', blocks };
}
