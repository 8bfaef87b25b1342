// SPDX-License-Identifier: BSD-3-Clause
import { RowPrinter } from '../row-printer.ts';
import { ExitCode, type Verb } from '../verb.ts';

export const graphQuery: Verb = {
  name: 'graph query',
  group: 'Produce',
  summary: 'SQL over a graph: quanta, datasets, edges, tasks, dataset_types',
  details:
    "SQLite's SQL; nothing is copied first and nothing can be changed. Dimensions are columns of quanta and datasets; \"group\" and other words of SQL need double quotes. Tables take arguments that narrow them down at once: quanta('isr'), datasets('calexp'), edges('isr'); e.of_quantum = q.row joins the edges of a quantum.",
  arguments: [
    ['<graph>', 'graph file'],
    ['[sql]', 'one select statement'],
  ],
  options: [{ flags: '--tables', description: 'list tables and columns instead' }],
  examples: [
    ['graph query drp.qgraph "select label, count(*) from quanta group by label"', 'counts'],
    [
      "graph query drp.qgraph \"select visit, detector from quanta('calibrate') where band = 'r' order by visit limit 20\"",
      'the quanta of one task',
    ],
    [
      "graph query drp.qgraph \"select q.tract, q.patch, count(*) n from quanta('assembleCoadd') q join edges e on e.of_quantum = q.row where e.direction = 'input' group by 1, 2 order by n desc limit 10\" --json",
      'the patches with most inputs',
    ],
    ['graph query drp.qgraph --tables', 'tables, columns and arguments'],
  ],
  exitCodes: { 4: 'no rows' },
  async action({ args, options, out }) {
    const { describeTables, openGraph, queryGraph } = await import('../../graph/index.ts');
    const graph = await openGraph(args['graph'] as string);
    const sql = args['sql'] as string | undefined;
    if (options['tables'] === true || sql === undefined) {
      const tables = describeTables(graph);
      if (out.json) out.value(tables);
      else
        out.rows(
          ['table', 'columns', 'arguments', 'what'],
          tables.map((table) => [table.name, table.columns.join(', '), table.parameters.join(', '), table.about]),
        );
      return ExitCode.ok;
    }
    const { columns, rows } = await queryGraph(graph, sql);
    const printer = new RowPrinter(out);
    await printer.begin(columns);
    for (const row of rows) {
      const printing = printer.push(row);
      if (printing !== undefined) await printing;
    }
    if (printer.rows > 0 || out.json) await printer.end();
    if (printer.rows > 0) return ExitCode.ok;
    out.warn('the query has no rows');
    return ExitCode.nothing;
  },
};
