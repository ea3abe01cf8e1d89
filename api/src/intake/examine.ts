import type { IntakeFinding } from '@openledger/db/app';
import { UnreadableError } from './finding.ts';
import { type Fingerprint, fingerprintOf } from './fingerprint.ts';
import { judgePrivacy } from './privacy.ts';
import { judgeQuality } from './quality.ts';
import { readBody } from './reading.ts';
import type { Reading } from './row.ts';

export type Body = {
  readonly body: Uint8Array;
  readonly mediaType?: string | undefined;
  readonly fileName?: string | undefined;
};

/** All that can be said of a body without knowing any other. */
export type Examination =
  | { readonly readable: false; readonly finding: IntakeFinding }
  | {
      readonly readable: true;
      readonly reading: Reading;
      readonly print: Fingerprint;
      readonly quality: readonly IntakeFinding[];
      readonly privacy: readonly IntakeFinding[];
    };

export async function examine({ body, mediaType, fileName }: Body): Promise<Examination> {
  let reading: Reading;
  try {
    reading = await readBody(body, mediaType, fileName);
  } catch (error) {
    if (error instanceof UnreadableError) return { readable: false, finding: error.finding };
    throw error;
  }
  return {
    readable: true,
    reading,
    print: fingerprintOf(reading.rows),
    quality: judgeQuality(reading),
    privacy: judgePrivacy(reading),
  };
}
