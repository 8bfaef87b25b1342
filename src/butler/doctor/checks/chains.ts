// SPDX-License-Identifier: BSD-3-Clause
import type { Registry } from '../../registry/registry.ts';
import type { Check, Finding } from '../model.ts';

const chained = 3;
const run = 1;

interface Link {
  parent: number;
  position: number;
  child: number;
}

/** Chains with members that are not there, chains within themselves, runs without their row. */
export const chains: Check = {
  name: 'collections',
  kinds: [
    {
      name: 'dangling-chain',
      title: 'chains with members that do not exist',
      severity: 'wrong',
      repair: 'takes the missing member out of the chain',
    },
    {
      name: 'chain-cycle',
      title: 'chains that contain themselves',
      severity: 'wrong',
      repair: 'takes the member out that closes the circle',
    },
    {
      name: 'run-without-row',
      title: 'RUN collections that the table of runs does not know',
      severity: 'wrong',
      repair: 'adds the row',
    },
  ],
  async *find({ butler }) {
    const { db } = butler.registry;
    const rows = await db.rows(
      `SELECT c.collection_id, c.name, c.type, r.collection_id FROM collection c
       LEFT JOIN run r ON r.collection_id = c.collection_id ORDER BY c.name`,
    );
    const names = new Map(rows.map(([id, name]) => [id as number, name as string]));
    const types = new Map(rows.map(([id, , type]) => [id as number, type as number]));
    const findings: Finding[] = [];
    for (const [id, name, type, inRuns] of rows) {
      if (type === run && inRuns === null) {
        findings.push({
          kind: 'run-without-row',
          subject: name as string,
          detail: 'it cannot hold datasets',
          data: id,
        });
      }
    }
    const links = new Map<number, Link[]>();
    for (const [parent, position, child] of await db.rows(
      'SELECT parent, position, child FROM collection_chain ORDER BY parent, position',
    )) {
      const link: Link = { parent: parent as number, position: position as number, child: child as number };
      if (types.get(link.parent) === chained && names.has(link.child)) {
        const list = links.get(link.parent);
        if (list === undefined) links.set(link.parent, [link]);
        else list.push(link);
        continue;
      }
      const subject = names.get(link.parent) ?? `collection #${link.parent}`;
      const detail = !names.has(link.parent)
        ? 'the chain itself is gone'
        : names.has(link.child)
          ? `it is no chain, but has "${names.get(link.child)}" as a member`
          : `member ${link.position} (#${link.child}) is gone`;
      findings.push({ kind: 'dangling-chain', subject, detail, data: link });
    }
    for (const { path, link } of cycles(links)) {
      const detail = [...path, path[0]].map((id) => names.get(id)).join(' > ');
      findings.push({ kind: 'chain-cycle', subject: names.get(link.parent)!, detail, data: link });
    }
    yield findings;
  },
  async repair({ butler }, kind, findings) {
    const { db } = butler.registry;
    await db.transaction(async () => {
      if (kind === 'run-without-row') {
        await db.insert(
          'run',
          ['collection_id'],
          findings.map(({ data }) => [data as number]),
        );
        return;
      }
      for (const { data } of findings) await unlink(butler.registry, data as Link);
    });
    return findings.length;
  },
};

function unlink({ db }: Registry, { parent, position, child }: Link): Promise<number> {
  return db.run('DELETE FROM collection_chain WHERE parent = ? AND position = ? AND child = ?', [
    parent,
    position,
    child,
  ]);
}

/** The links that lead back to a chain they were reached from, each with the circle it closes. Without them no chain contains itself. */
function cycles(links: ReadonlyMap<number, readonly Link[]>): { path: number[]; link: Link }[] {
  const found: { path: number[]; link: Link }[] = [];
  const done = new Set<number>();
  for (const start of links.keys()) {
    if (done.has(start)) continue;
    // A stack of our own: chains may be nested deeper than calls may.
    const path: { id: number; next: number }[] = [{ id: start, next: 0 }];
    const onPath = new Set([start]);
    while (path.length > 0) {
      const top = path[path.length - 1];
      const link = links.get(top.id)?.[top.next++];
      if (link === undefined) {
        path.pop();
        onPath.delete(top.id);
        done.add(top.id);
      } else if (onPath.has(link.child)) {
        const ids = path.map((step) => step.id);
        found.push({ path: ids.slice(ids.indexOf(link.child)), link });
      } else if (!done.has(link.child)) {
        path.push({ id: link.child, next: 0 });
        onPath.add(link.child);
      }
    }
  }
  return found;
}
