import { randomBytes } from 'node:crypto';
import { seal, unseal } from '@openledger/db';
import { Webhook } from 'standardwebhooks';
import type { KeyFor } from '../identity/secret.ts';

const PURPOSE = 'webhook secrets';
const BYTES = 32;

/** Makes the secret of a webhook: how it is kept, and how its owner sees it this once. @throws NOT_CONFIGURED */
export function newSecret(keyFor: KeyFor, webhookId: string): { sealed: Uint8Array; shown: string } {
  const secret = randomBytes(BYTES);
  return { sealed: seal(keyFor(PURPOSE), secret, webhookId), shown: `whsec_${secret.toString('base64')}` };
}

type Signed = { readonly id: string; readonly at: Date; readonly body: string };

/** The headers of Standard Webhooks, with a signature by each secret that is in force. @throws SealError */
export function signedHeaders(
  keyFor: KeyFor,
  webhookId: string,
  secrets: readonly Uint8Array[],
  { id, at, body }: Signed,
): Record<string, string> {
  const signatures = secrets.map((sealed) => {
    const secret = Buffer.from(unseal(keyFor(PURPOSE), sealed, webhookId)).toString('base64');
    return new Webhook(secret).sign(id, at, body);
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': Math.floor(at.getTime() / 1000).toString(),
    'webhook-signature': signatures.join(' '),
  };
}
