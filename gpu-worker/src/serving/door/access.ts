import { createHash } from 'node:crypto';
import type { Connection } from '@openledger/db';
import { apiKey, inferenceTicket } from '@openledger/db/app';
import type { Hex } from '@openledger/protocol';
import { and, eq, gt, isNull, or, sql } from 'drizzle-orm';
import { VOUCHER } from '../payments/voucherHeader.ts';
import type { Vouchers } from '../payments/vouchers.ts';
import { type Caller, nobody } from '../usage/usage.ts';
import { ApiError, invalid, unauthenticated } from './apiError.ts';

/** What a request says of who asks. */
export type Credentials = {
  /** The header `Authorization`. */
  readonly authorization: string | undefined;
  /** The header `OpenLedger-Voucher`. */
  readonly voucher: string | undefined;
};

/** Who asks. @throws ApiError (401, 403, 402 or 400) when that is not clear. */
export type Access = (credentials: Credentials) => Promise<Caller>;

type AccessOptions = {
  readonly db: Connection['db'];
  readonly genesisHash: Hex;
  readonly worker: Hex;
  readonly vouchers: Vouchers;
  /** Whether who says nothing is answered too, as nobody. */
  readonly isOpen: boolean;
};

type Account = Pick<Caller, 'payer' | 'apiKeyId'>;

/** An API key; a ticket, good for one request; a voucher, whose payer then asks; or, where that is allowed, nothing. */
export const createAccess = ({ db, genesisHash, worker, vouchers, isOpen }: AccessOptions): Access => {
  const ofKey = async (token: string): Promise<Account> => {
    const [key] = await db
      .select({ id: apiKey.id, account: apiKey.account, scopes: apiKey.scopes })
      .from(apiKey)
      .where(and(eq(apiKey.keyHash, sha256(token)), isUsable()));
    if (key === undefined) {
      throw unauthenticated('This API key is not known, or was revoked, or has expired.', 'invalid_api_key');
    }
    if (!key.scopes.includes('infer')) {
      throw new ApiError('This API key may not ask models: it lacks the scope infer.', {
        status: 403,
        type: 'permission_error',
        code: 'missing_scope',
      });
    }
    return { payer: key.account, apiKeyId: key.id };
  };

  const ofTicket = async (token: string): Promise<Account> => {
    const [ticket] = await db
      .update(inferenceTicket)
      .set({ usedAt: sql`now()` })
      .where(
        and(
          eq(inferenceTicket.hash, sha256(token)),
          eq(inferenceTicket.genesisHash, genesisHash),
          eq(inferenceTicket.worker, worker),
          isNull(inferenceTicket.usedAt),
          gt(inferenceTicket.expiresAt, sql`now()`),
          or(
            isNull(inferenceTicket.apiKeyId),
            sql`exists (select from ${apiKey} where ${apiKey.id} = ${inferenceTicket.apiKeyId} and ${isUsable()})`,
          ),
        ),
      )
      .returning({ account: inferenceTicket.account, apiKeyId: inferenceTicket.apiKeyId });
    if (ticket === undefined) {
      throw unauthenticated('This ticket was used, has expired, or is for another worker.', 'invalid_ticket');
    }
    return { payer: ticket.account, apiKeyId: ticket.apiKeyId ?? undefined };
  };

  return async ({ authorization, voucher: header }) => {
    const token = tokenOf(authorization, isOpen);
    const account = token === undefined ? undefined : await (token.startsWith('olt_') ? ofTicket : ofKey)(token);
    const voucher = header === undefined ? undefined : await vouchers.read(header);
    if (account !== undefined) {
      if (voucher !== undefined && voucher.payer !== account.payer) {
        throw invalid(
          `The voucher is ${voucher.payer}'s, and the request ${account.payer}'s: send one of the same account.`,
          VOUCHER,
          'voucher_of_another_account',
        );
      }
      return { ...account, voucher };
    }
    if (voucher !== undefined) return { payer: voucher.payer, apiKeyId: undefined, voucher };
    if (isOpen) return { payer: nobody, apiKeyId: undefined, voucher: undefined };
    throw unauthenticated(
      `Say who asks: an API key in the header Authorization ("Bearer olk_…"), or a payment voucher in ${VOUCHER}.`,
      'missing_credentials',
    );
  };
};

/**
 * Clients have to send something as key: where nobody needs one, what cannot be ours says nothing of who asks.
 *
 * @throws ApiError (401) for what looks like a token and is none.
 */
const tokenOf = (authorization: string | undefined, isOpen: boolean): string | undefined => {
  if (authorization === undefined) return undefined;
  const [, token] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
  if (token === undefined) {
    throw unauthenticated('The header Authorization must be "Bearer " and an API key or a ticket.', 'invalid_api_key');
  }
  if (isOpen && !token.startsWith('ol')) return undefined;
  if (/^ol[kt]_[A-Za-z0-9_-]{43}$/.test(token)) return token;
  throw unauthenticated(
    token.startsWith('ols_')
      ? 'This is a session token, which only the API takes. Send an API key (olk_…).'
      : 'This is neither an API key (olk_…) nor a ticket (olt_…).',
    'invalid_api_key',
  );
};

const isUsable = () => and(isNull(apiKey.revokedAt), or(isNull(apiKey.expiresAt), gt(apiKey.expiresAt, sql`now()`)));

/** As tokens are stored. */
const sha256 = (token: string): Hex => `0x${createHash('sha256').update(token).digest('hex')}`;
