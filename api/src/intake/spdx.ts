/** How a licence sits with training models that are sold by the answer. */
export type Terms = 'open' | 'share-alike' | 'copyleft' | 'no-commerce' | 'no-derivatives' | 'closed';

const terms: Readonly<Record<Terms, readonly string[]>> = {
  open: [
    'CC0-1.0',
    'PDDL-1.0',
    'ODC-By-1.0',
    'Unlicense',
    'WTFPL',
    '0BSD',
    'MIT',
    'MIT-0',
    'MIT-Modern-Variant',
    'ISC',
    'Apache-2.0',
    'Apache-1.1',
    'BSD-1-Clause',
    'BSD-2-Clause',
    'BSD-3-Clause',
    'BSD-3-Clause-Clear',
    'BSD-4-Clause',
    'BSL-1.0',
    'Zlib',
    'X11',
    'PSF-2.0',
    'Python-2.0',
    'PostgreSQL',
    'NCSA',
    'BlueOak-1.0.0',
    'CC-BY-2.0',
    'CC-BY-2.5',
    'CC-BY-3.0',
    'CC-BY-4.0',
    'CDLA-Permissive-1.0',
    'CDLA-Permissive-2.0',
    'Artistic-2.0',
    'OFL-1.1',
    'Unicode-3.0',
    'Unicode-DFS-2016',
    'W3C',
    'OGL-UK-3.0',
    'etalab-2.0',
    'DL-DE-BY-2.0',
    'DL-DE-ZERO-2.0',
    'AFL-3.0',
    'UPL-1.0',
    'MulanPSL-2.0',
    'CC-PDDC',
  ],
  'share-alike': [
    'CC-BY-SA-2.0',
    'CC-BY-SA-2.5',
    'CC-BY-SA-3.0',
    'CC-BY-SA-4.0',
    'ODbL-1.0',
    'CDLA-Sharing-1.0',
    'MPL-2.0',
    'MPL-1.1',
    'EPL-1.0',
    'EPL-2.0',
    'CDDL-1.0',
    'LGPL-2.0-only',
    'LGPL-2.0-or-later',
    'LGPL-2.1-only',
    'LGPL-2.1-or-later',
    'LGPL-3.0-only',
    'LGPL-3.0-or-later',
    'LGPL-2.1',
    'LGPL-3.0',
  ],
  copyleft: [
    'GPL-2.0',
    'GPL-2.0-only',
    'GPL-2.0-or-later',
    'GPL-3.0',
    'GPL-3.0-only',
    'GPL-3.0-or-later',
    'AGPL-3.0',
    'AGPL-3.0-only',
    'AGPL-3.0-or-later',
    'EUPL-1.1',
    'EUPL-1.2',
    'GFDL-1.2-or-later',
    'GFDL-1.3',
    'GFDL-1.3-only',
    'GFDL-1.3-or-later',
    'OSL-3.0',
    'CECILL-2.1',
    'SSPL-1.0',
  ],
  'no-commerce': [
    'CC-BY-NC-2.0',
    'CC-BY-NC-2.5',
    'CC-BY-NC-3.0',
    'CC-BY-NC-4.0',
    'CC-BY-NC-SA-2.0',
    'CC-BY-NC-SA-2.5',
    'CC-BY-NC-SA-3.0',
    'CC-BY-NC-SA-4.0',
    'CC-BY-NC-ND-2.0',
    'CC-BY-NC-ND-2.5',
    'CC-BY-NC-ND-3.0',
    'CC-BY-NC-ND-4.0',
    'PolyForm-Noncommercial-1.0.0',
  ],
  'no-derivatives': ['CC-BY-ND-2.0', 'CC-BY-ND-2.5', 'CC-BY-ND-3.0', 'CC-BY-ND-4.0'],
  closed: ['UNLICENSED', 'NONE', 'NOASSERTION', 'BUSL-1.1', 'Elastic-2.0', 'PolyForm-Small-Business-1.0.0'],
};

const known = new Map(
  Object.entries(terms).flatMap(([kind, ids]) =>
    ids.map((id) => [id.toLowerCase(), { id, kind: kind as Terms }] as const),
  ),
);

/** From what may be done with most to what may be done with least. */
const severity: readonly Terms[] = ['open', 'share-alike', 'copyleft', 'no-commerce', 'no-derivatives', 'closed'];

export type Licence = {
  /** Each licence named, as SPDX spells it. */
  readonly ids: readonly string[];
  readonly terms: Terms;
};

/** An expression that is not SPDX, or names a licence that is not known here. */
export class LicenceError extends Error {
  override readonly name = 'LicenceError';
}

/** How a licence is spelled by SPDX; undefined when it is not known here. */
export const licenceNamed = (id: string) => known.get(id.toLowerCase().replace(/\+$/, ''));

/**
 * Reads an SPDX licence expression (SPDX 2.3, annex D): of licences joined by OR the most open counts, by AND the least.
 * @throws LicenceError saying what in it is not understood
 *
 * @example
 * readLicence('MIT OR GPL-3.0-only') // { ids: ['MIT', 'GPL-3.0-only'], terms: 'open' }
 */
export function readLicence(expression: string): Licence {
  if (expression.length > 200) throw new LicenceError('It is longer than 200 characters.');
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? [];
  const ids: string[] = [];
  let at = 0;
  const one = (): Terms => {
    const token = tokens[at++];
    if (token === '(') {
      const inner = any();
      if (tokens[at++] !== ')') throw new LicenceError('A bracket is not closed.');
      return inner;
    }
    if (token === undefined || token === ')' || /^(and|or|with)$/i.test(token)) {
      throw new LicenceError(`A licence is missing ${token === undefined ? 'at the end' : `before “${token}”`}.`);
    }
    const found = licenceNamed(token);
    if (found === undefined) throw new LicenceError(`“${token.slice(0, 60)}” is no licence known here.`);
    ids.push(found.id);
    if (/^with$/i.test(tokens[at] ?? '')) {
      // An exception only ever allows more.
      at += 1;
      if (!/^[A-Za-z0-9.-]+$/.test(tokens[at++] ?? '')) throw new LicenceError('WITH is not followed by an exception.');
    }
    return found.kind;
  };
  const joined = (operand: () => Terms, operator: RegExp, choose: (ranks: readonly number[]) => number): Terms => {
    const ranks = [severity.indexOf(operand())];
    while (operator.test(tokens[at] ?? '')) {
      at += 1;
      ranks.push(severity.indexOf(operand()));
    }
    return severity[choose(ranks)]!;
  };
  const all = () => joined(one, /^and$/i, (ranks) => Math.max(...ranks));
  const any = (): Terms => joined(all, /^or$/i, (ranks) => Math.min(...ranks));
  const result = any();
  if (at < tokens.length)
    throw new LicenceError(`“${tokens[at]!.slice(0, 60)}” is not expected there; join licences by AND or OR.`);
  return { ids, terms: result };
}
