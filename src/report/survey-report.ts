// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi } from '../butler/index.ts';
import { coaddPicture } from './coadd-picture.ts';
import { collectProducts, type SurveyProducts } from './collect.ts';
import { coverageFigures } from './coverage.ts';
import { type Check, renderPage, type Section } from './page.ts';
import type { RunView } from './run/run-page.ts';
import { costSections, outcomeSections } from './run/run-sections.ts';
import { truthSection } from './truth-section.ts';

export interface SurveyReportOptions {
  /** FITS table that `skymill simulate` wrote. */
  truthFile?: string;
}

/**
 * The report page of a run: what became of it and what failed, then what came of it, in pictures, the figures of merit, and what it
 * cost. Products that cannot be read do not keep anyone from the rest: the page says so.
 */
export async function surveyReport(
  butler: ButlerApi,
  view: RunView,
  options: SurveyReportOptions = {},
): Promise<{ html: string; checks: Check[]; problem?: string }> {
  const { report: run } = view;
  const sections: Section[] = outcomeSections(view);
  const checks: Check[] = [];
  let problem: string | undefined;
  try {
    const products = await collectProducts(butler, run.run);
    const pictures = await pictureSection(butler, products);
    if (pictures !== undefined) sections.push(pictures);
    if (options.truthFile !== undefined) {
      const truth = await truthSection(products, options.truthFile);
      sections.push(truth.section);
      checks.push(...truth.checks);
    }
  } catch (error) {
    if (options.truthFile !== undefined) throw error; // it was asked for the figures
    problem = error instanceof Error ? error.message : String(error);
    const text = `No pictures: the products of the run cannot be read. ${problem}`;
    sections.push({ title: 'The sky', blocks: [{ kind: 'text', text }] });
  }
  sections.push(...costSections(view));
  const subtitle = `Run ${run.run} · pipeline ${run.pipeline} · ${run.quanta} quanta · ${run.createdAt}`;
  return { html: renderPage(`Skymill: ${run.output ?? run.run}`, subtitle, sections), checks, problem };
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
