import type { IntakeFinding } from '@openledger/db/app';
import { accept, hold, refuse } from './finding.ts';
import { type Reading, unitOf } from './row.ts';
import { LicenceError, licenceNamed, readLicence, type Terms } from './spdx.ts';

const advice = 'Give the SPDX expression of an open licence, for example CC-BY-4.0, CC0-1.0 or MIT.';

const reasons: Readonly<Record<Terms, readonly [IntakeFinding['outcome'], string]>> = {
  open: ['accept', 'is open'],
  'share-alike': ['accept', 'is open; what is made of it is to be shared under the same terms'],
  copyleft: [
    'hold',
    'asks that what is made of it be under the same licence; whether a trained model is, a person must decide',
  ],
  'no-commerce': ['refuse', 'does not allow commercial use, and answers of models are paid for'],
  'no-derivatives': ['refuse', 'does not allow derived works, and a trained model may be one'],
  closed: ['refuse', 'does not allow the text to be used and passed on'],
};

/** The licence that was declared, and whether the text itself says another. */
export function judgeLicence(declared: string, reading: Reading): readonly IntakeFinding[] {
  if (declared.trim() === '')
    return [refuse('licence', `No licence is given. ${advice} Only send what you may license.`)];
  try {
    const { ids, terms } = readLicence(declared);
    const [outcome, reason] = reasons[terms];
    const explanation = `The licence ${declared.trim()} ${reason}.${outcome === 'refuse' ? ` ${advice}` : ''}`;
    if (outcome !== 'accept') return [{ check: 'licence', outcome, explanation }];
    const other = otherLicence(reading, ids);
    return other === undefined
      ? [accept('licence', explanation)]
      : [
          hold(
            'licence',
            `${other} The declared licence is ${declared.trim()}. Declare the one that the text is under, or leave out what is not yours.`,
          ),
        ];
  } catch (error) {
    if (!(error instanceof LicenceError)) throw error;
    return [
      refuse('licence', `The licence “${declared.trim().slice(0, 80)}” is not understood: ${error.message} ${advice}`),
    ];
  }
}

/** Sentences that put the text itself under terms; each with the licences that agree with it. */
const statements: readonly (readonly [pattern: RegExp, name: string, agrees: RegExp])[] = [
  [
    /\b(?:under|of) the (?:terms of the )?(?:gnu )?affero general public licen[cs]e|licen[cs]ed under (?:the )?(?:gnu )?agpl/i,
    'AGPL',
    /^AGPL/,
  ],
  [
    /under the (?:terms of the )?(?:gnu )?(?:lesser|library) general public licen[cs]e|licen[cs]ed under (?:the )?(?:gnu )?lgpl/i,
    'LGPL',
    /^LGPL/,
  ],
  [
    /under the (?:terms of the )?(?:gnu )?general public licen[cs]e|licen[cs]ed under (?:the )?(?:gnu )?gpl/i,
    'GPL',
    /^A?GPL/,
  ],
  [/licen[cs]ed under (?:the |an? )?apache licen[cs]e/i, 'Apache-2.0', /^Apache/],
  [/(?:licen[cs]ed|released|available|distributed) under (?:the |an? )?mozilla public licen[cs]e/i, 'MPL-2.0', /^MPL/],
  [/creative commons attribution[- ]non-?commercial|\bcc[ -]by[ -]nc\b/i, 'CC BY-NC', /^CC-BY-NC/],
  [/creative commons attribution[- ]no-?deriv|\bcc[ -]by[ -]nd\b/i, 'CC BY-ND', /^CC-BY-(NC-)?ND/],
  [
    /(?:licen[cs]ed|released|available|distributed) under (?:the |an? )?(?:creative commons attribution[- ]share-?alike|cc[ -]by[ -]sa)/i,
    'CC BY-SA',
    /^CC-BY-SA/,
  ],
  [
    /\b(?:strictly |company |proprietary and )confidential\b.{0,80}\b(?:do not (?:copy|distribute|share)|not for (?:distribution|publication)|internal use)/is,
    'confidential',
    /^$/,
  ],
  [
    /\b(?:no part of this (?:publication|book|document|work)|may not be (?:reproduced|copied|redistributed)|(?:reproduction|redistribution) (?:is )?(?:strictly )?prohibited)/i,
    'all rights reserved',
    /^$/,
  ],
];

function otherLicence({ rows, mediaType }: Reading, ids: readonly string[]): string | undefined {
  for (const { content, line } of rows) {
    const where = `${unitOf(mediaType)} ${line}`;
    for (const [, tag] of content.matchAll(/SPDX-License-Identifier:\s*([A-Za-z0-9.+-]+)/g)) {
      const id = licenceNamed(tag!)?.id ?? tag!;
      if (!ids.includes(id)) return `The text carries the licence tag of ${id} (${where}).`;
    }
    const found = statements.find(([pattern, , agrees]) => pattern.test(content) && !ids.some((id) => agrees.test(id)));
    if (found !== undefined) return `The text says that it is under other terms: ${found[1]} (${where}).`;
  }
  return undefined;
}
