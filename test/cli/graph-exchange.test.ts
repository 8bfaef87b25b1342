// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { skymill } from '../support/commands.ts';
import { describeShared } from '../support/shared.ts';

const scratch = mkdtempSync(join(tmpdir(), 'skymill-exchange-'));
afterAll(() => rmSync(scratch, { recursive: true }));

describeShared('conformance/gen3/repos/three-tasks.qg', 'graph import and graph export', (sample) => {
  it('go from a .qg file to a .qg file', () => {
    const graph = join(scratch, 'three.qgraph');
    const imported = skymill(['graph', 'import', sample, graph, '--json']);
    expect(JSON.parse(imported.stdout)).toMatchObject({ quanta: 28, datasets: 96, file: graph });
    const exported = skymill(['graph', 'export', graph, join(scratch, 'three.qg')]);
    expect(exported).toMatchObject({ status: 0 });
    expect(exported.stdout).toContain('28 quanta');
    // All of its tasks are Python classes: nothing to warn of.
    expect(exported.stderr).not.toContain('warning');
  });

  it('refuse each other’s files', () => {
    const graph = join(scratch, 'three.qgraph');
    const refused = skymill(['graph', 'import', graph, join(scratch, 'x.qgraph')]);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('GRAPH_PEER_NOT_GRAPH');
    const other = skymill(['graph', 'export', sample, join(scratch, 'x.qg')]);
    expect(other.status).toBe(2);
    expect(other.stderr).toContain('GRAPH_FILE_NOT_GRAPH');
  });
});
