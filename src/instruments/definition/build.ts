// SPDX-License-Identifier: BSD-3-Clause
import { instrumentErrors } from '../errors.ts';
import type { Amplifier, Detector } from '../model.ts';
import type { InstrumentYaml } from './schema.ts';
import { boxHeight, boxWidth, parseSection } from './sections.ts';

type DetectorYaml = Extract<InstrumentYaml['detectors'], unknown[]>[number];
type AmplifierYaml = InstrumentYaml['detectorTypes'][string]['amplifiers'][number];

/** The detectors an instrument file describes, one by one or as a grid, with sections turned into boxes. */
export function buildDetectors(yaml: InstrumentYaml, file: string): Detector[] {
  const rows = Array.isArray(yaml.detectors) ? yaml.detectors : expandGrid(yaml.detectors.grid);
  const seen = new Set<number>();
  return rows.map((row, i) => {
    const path = `detectors[${i}]`;
    const type = yaml.detectorTypes[row.type];
    if (type === undefined) {
      throw instrumentErrors.BAD_DEFINITION({ file, path, problem: `there is no detectorTypes.${row.type}` });
    }
    if (seen.has(row.id)) throw instrumentErrors.BAD_DEFINITION({ file, path, problem: `id ${row.id} appears twice` });
    seen.add(row.id);
    return {
      id: row.id,
      name: row.name,
      raft: row.raft,
      nameInRaft: row.nameInRaft,
      purpose: row.purpose,
      width: type.size[0],
      height: type.size[1],
      pixelSizeMm: type.pixelSizeMm,
      centerXMm: row.centerMm[0],
      centerYMm: row.centerMm[1],
      rotationDeg: row.rotationDeg,
      amplifiers: type.amplifiers.map((a) =>
        buildAmplifier({ ...a, ...row.amplifiers[a.name] }, `${file}: ${path}.${a.name}`),
      ),
      defects: row.defects.map((s) => parseSection(s, `${file}: ${path}.defects`).box),
    };
  });
}

function buildAmplifier(yaml: AmplifierYaml, where: string): Amplifier {
  const data = parseSection(yaml.datasec, where).box;
  const place = parseSection(yaml.detsec, where);
  if (boxWidth(data) !== boxWidth(place.box) || boxHeight(data) !== boxHeight(place.box)) {
    throw instrumentErrors.SECTION_SIZE({
      amplifier: yaml.name,
      data: `${boxWidth(data)} x ${boxHeight(data)}`,
      detector: `${boxWidth(place.box)} x ${boxHeight(place.box)}`,
    });
  }
  const optional = (text: string | undefined) => (text === undefined ? undefined : parseSection(text, where).box);
  return {
    name: yaml.name,
    hdu: yaml.hdu,
    rawData: data,
    rawOverscan: optional(yaml.biassec),
    rawPrescan: optional(yaml.prescan),
    rawParallelOverscan: optional(yaml.parallelOverscan),
    flipX: place.flipX,
    flipY: place.flipY,
    box: place.box,
    gain: yaml.gain,
    readNoise: yaml.readNoise,
    saturationAdu: yaml.saturation,
    suspectAdu: yaml.suspect,
    linearity: yaml.linearity,
  };
}

function expandGrid(grid: Extract<InstrumentYaml['detectors'], { grid: unknown }>['grid']): DetectorYaml[] {
  const rows: DetectorYaml[] = [];
  for (let row = 0; row < grid.rows; row++) {
    for (let column = 0; column < grid.columns; column++) {
      const id = row * grid.columns + column;
      const fill: Record<string, number> = { row, column, id };
      rows.push({
        id,
        name: grid.name.replace(/\{(row|column|id)\}/g, (_all, key: string) => String(fill[key])),
        type: grid.type,
        purpose: 'SCIENCE',
        centerMm: [
          (column - (grid.columns - 1) / 2) * grid.spacingMm[0],
          (row - (grid.rows - 1) / 2) * grid.spacingMm[1],
        ],
        rotationDeg: 0,
        amplifiers: {},
        defects: grid.defects[String(id)] ?? [],
      });
    }
  }
  return rows;
}
