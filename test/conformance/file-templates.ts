// SPDX-License-Identifier: BSD-3-Clause
import { SkymillError } from '../../src/base/index.ts';
import { FileTemplate } from '../../src/butler/datastore/template.ts';

export interface FileTemplateCase {
  kind: 'format' | 'construct' | 'fields';
  template: string;
  datasetType?: string;
  dataId?: Record<string, string | number>;
  run?: string;
  datasetId?: string;
  records?: Record<string, Record<string, string | number>>;
  optionals?: boolean;
  specials?: boolean;
}

/** Suite `file-templates`: the path, the names of the fields, or the refusal of a template. */
export function answer(testCase: FileTemplateCase): unknown {
  try {
    const template = new FileTemplate(testCase.template);
    if (testCase.kind === 'construct') return { invalid: false };
    if (testCase.kind === 'fields') return template.fields(testCase);
    const [datasetType, component] = testCase.datasetType!.split('.');
    const dataId = testCase.dataId ?? {};
    const skypix = Object.keys(dataId).find((name) => /^(htm|healpix)\d+$/.test(name));
    return {
      path: template.format({
        datasetType,
        component,
        run: testCase.run!,
        id: testCase.datasetId!,
        dataId,
        skypix,
        records: testCase.records ?? {},
      }),
    };
  } catch (error) {
    if (!(error instanceof SkymillError)) throw error;
    return testCase.kind === 'construct' ? { invalid: true, error: error.code } : { error: error.code };
  }
}
