import type { RESTPutAPICurrentUserApplicationRoleConnectionJSONBody } from 'discord-api-types/v10';
import { z } from 'zod';

/** The person took their leave back, or Discord no longer knows it. */
export class LeaveEndedError extends Error {
  override readonly name = 'LeaveEndedError';
}

/** With which Discord is told of one person. */
export type Tokens = {
  readonly access: string;
  readonly refresh: string;
  /** Milliseconds since 1970 until which access lasts. */
  readonly until: number;
};

export type OAuth = {
  /** Where Discord asks a person whether we may tell it of them. */
  readonly authorizeUrl: (state: string) => string;
  /** @throws LeaveEndedError for a code that is used, made up or too old */
  readonly exchange: (code: string) => Promise<Tokens>;
  /** The old ones hold no more. @throws LeaveEndedError */
  readonly renew: (tokens: Tokens) => Promise<Tokens>;
  readonly userIdOf: (tokens: Tokens) => Promise<string>;
  /** @throws LeaveEndedError */
  readonly tell: (tokens: Tokens, connection: RESTPutAPICurrentUserApplicationRoleConnectionJSONBody) => Promise<void>;
  /** Gives the leave back. */
  readonly revoke: (tokens: Tokens) => Promise<void>;
};

export type OAuthOptions = {
  readonly applicationId: string;
  readonly clientSecret: string;
  /** Where Discord sends people back to, as it stands in the application's settings. */
  readonly redirectUrl: string;
  readonly apiRoot?: string | undefined;
};

const patience = 10_000;
const given = z.object({ access_token: z.string(), refresh_token: z.string(), expires_in: z.number() }).transform(
  ({ access_token: access, refresh_token: refresh, expires_in: seconds }): Tokens => ({
    access,
    refresh,
    until: Date.now() + seconds * 1_000,
  }),
);
const me = z.object({ user: z.object({ id: z.string() }) });

/** Discord's OAuth2 with a code, for linked roles. https://discord.com/developers/docs/topics/oauth2 */
export const createOAuth = ({ applicationId, clientSecret, redirectUrl, apiRoot }: OAuthOptions): OAuth => {
  const api = `${apiRoot ?? 'https://discord.com/api'}/v10`;
  const client = `Basic ${Buffer.from(`${applicationId}:${clientSecret}`).toString('base64')}`;
  /** @throws LeaveEndedError where Discord knows the token or code no more; Error without either for anything else */
  const ask = async (path: string, init: RequestInit): Promise<unknown> => {
    const response = await fetch(`${api}${path}`, { ...init, signal: AbortSignal.timeout(patience) });
    const said = await response.text();
    if (response.ok) return said === '' ? {} : JSON.parse(said);
    const isOver = response.status === 401 || (response.status === 400 && said.includes('invalid_grant'));
    if (isOver && !said.includes('invalid_client'))
      throw new LeaveEndedError(`${path}: Discord knows this leave no more`);
    throw new Error(`Discord answers ${path} with status ${response.status}`);
  };
  const post = (path: string, form: Record<string, string>): Promise<unknown> =>
    ask(path, { method: 'POST', headers: { authorization: client }, body: new URLSearchParams(form) });
  const bearer = ({ access }: Tokens) => ({ authorization: `Bearer ${access}` });
  return {
    authorizeUrl: (state) =>
      `${apiRoot ?? 'https://discord.com'}/oauth2/authorize?${new URLSearchParams({
        client_id: applicationId,
        redirect_uri: redirectUrl,
        response_type: 'code',
        scope: 'role_connections.write identify',
        state,
        prompt: 'consent',
      })}`,
    exchange: async (code) =>
      given.parse(await post('/oauth2/token', { grant_type: 'authorization_code', code, redirect_uri: redirectUrl })),
    renew: async ({ refresh }) =>
      given.parse(await post('/oauth2/token', { grant_type: 'refresh_token', refresh_token: refresh })),
    userIdOf: async (tokens) => me.parse(await ask('/oauth2/@me', { headers: bearer(tokens) })).user.id,
    tell: async (tokens, connection) => {
      await ask(`/users/@me/applications/${applicationId}/role-connection`, {
        method: 'PUT',
        headers: { ...bearer(tokens), 'content-type': 'application/json' },
        body: JSON.stringify(connection),
      });
    },
    revoke: async ({ refresh }) => {
      await post('/oauth2/token/revoke', { token: refresh, token_type_hint: 'refresh_token' });
    },
  };
};
