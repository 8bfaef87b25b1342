// SPDX-License-Identifier: BSD-3-Clause
import { telling } from '../folder/environment.ts';

/** A version or a variable that is not what it was when the run was made. */
export interface EnvironmentChange {
  name: string;
  was: string | undefined;
  is: string | undefined;
}

/** What has changed since: versions of the software as the run recorded them, and variables of the execution, which the replay sets back. */
export function environmentChanges(
  packagesWere: Readonly<Record<string, string>> | undefined,
  packagesAre: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>>,
): { packages: EnvironmentChange[]; variables: EnvironmentChange[] } {
  return {
    packages: packagesWere === undefined ? [] : changes(packagesWere, packagesAre),
    variables: changes(variables, telling(process.env)),
  };
}

function changes(were: Readonly<Record<string, string>>, are: Readonly<Record<string, string>>): EnvironmentChange[] {
  return [...new Set([...Object.keys(were), ...Object.keys(are)])]
    .sort()
    .flatMap((name) => (were[name] === are[name] ? [] : [{ name, was: were[name], is: are[name] }]));
}
