// SPDX-License-Identifier: BSD-3-Clause
// Writes docs/errors.md from the catalogue that the rooms declare. `--check` fails when the file is not what would be written.
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorCatalogue } from '../src/base/index.ts';

const root = join(import.meta.dirname, '..');
const file = join(root, 'docs', 'errors.md');

/** The page, from every `errors.ts` under src/. */
export async function errorPage(): Promise<string> {
  for (const path of globSync('src/**/errors.ts', { cwd: root }).sort())
    await import(pathToFileURL(join(root, path)).href);
  const lines = [
    '# Errors',
    '',
    'Every error of Skymill has a code, says what is wrong with the value and the place, and what to do next. This page is',
    'generated from the catalogue (`npm run docs:errors`). Kind *user*: something outside must change. Kind *fault*: a defect of ours; please report it.',
  ];
  for (const [section, entries] of [...errorCatalogue()].sort(([a], [b]) => a.localeCompare(b))) {
    lines.push('', `## ${section}`, '', '| code | kind | message | what to do |', '|---|---|---|---|');
    for (const e of entries) {
      const cells = [`\`${e.code}\``, e.kind, e.template, e.next].map((c) =>
        c.replaceAll('|', '\\|').replaceAll('\n', ' '),
      );
      lines.push(`| ${cells.join(' | ')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

if (import.meta.main) {
  const page = await errorPage();
  if (!process.argv.includes('--check')) writeFileSync(file, page);
  else if (readFileSync(file, 'utf8') !== page) {
    process.stderr.write('docs/errors.md is not what the catalogue says: run npm run docs:errors\n');
    process.exitCode = 1;
  }
}
