import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { roleConnection, roleMetadata } from './bodies.ts';
import { RefusedError } from './refused.ts';

type Connection = z.output<typeof roleConnection>;
type Grant = {
  readonly userId: string;
  readonly scopes: readonly string[];
  access: string;
  refresh: string;
  until: number;
};

export type Call = {
  /** `GET /oauth2/@me` */
  readonly key: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
};

export type RolesOptions = {
  readonly applicationId: string;
  readonly clientSecret: string;
  readonly check: <Schema extends z.ZodType>(schema: Schema, body: unknown) => z.output<Schema>;
  readonly isBot: (authorization: string | undefined) => boolean;
};

export type Roles = {
  /** Undefined where a call is none of these. @throws RefusedError */
  readonly answer: (call: Call) => { readonly value: unknown } | undefined;
  /** What somebody does who says yes to what a page asks Discord for. @returns where their browser is sent */
  readonly authorize: (userId: string, address: string) => string;
  /** Somebody takes their leave back in Discord's settings. */
  readonly deauthorize: (userId: string) => void;
  /** Access ends now: only with what renews it can it be had again. */
  readonly expire: (userId: string) => void;
  readonly metadata: () => z.output<typeof roleMetadata>;
  readonly connectionOf: (userId: string) => Connection | undefined;
  readonly writes: () => number;
};

const lasts = 604_800;

/** Discord's linked roles: OAuth2 by code, and what an application says of people. https://discord.com/developers/docs/resources/application-role-connection-metadata */
export const createRoles = ({ applicationId, clientSecret, check, isBot }: RolesOptions): Roles => {
  const grants: Grant[] = [];
  const codes = new Map<string, { readonly grant: Grant; readonly redirect: string }>();
  const connections = new Map<string, Connection>();
  let metadata: z.output<typeof roleMetadata> = [];
  let writes = 0;

  const grantOf = (authorization: string | undefined): Grant => {
    const grant = grants.find(({ access, until }) => authorization === `Bearer ${access}` && Date.now() < until);
    if (grant === undefined) throw new RefusedError(401, 0, '401: Unauthorized');
    return grant;
  };
  const tokensOf = (grant: Grant) => ({
    access_token: grant.access,
    refresh_token: grant.refresh,
    expires_in: lasts,
    token_type: 'Bearer',
    scope: grant.scopes.join(' '),
  });
  /** New tokens; the old ones hold no more. */
  const renewed = (grant: Grant) => {
    Object.assign(grant, { access: randomUUID(), refresh: randomUUID(), until: Date.now() + lasts * 1_000 });
    return tokensOf(grant);
  };
  const end = (userId: string): void => {
    for (const grant of grants.filter((each) => each.userId === userId)) grants.splice(grants.indexOf(grant), 1);
    connections.delete(userId);
  };
  const isClient = (authorization: string | undefined): boolean =>
    authorization === `Basic ${Buffer.from(`${applicationId}:${clientSecret}`).toString('base64')}`;
  const give = (authorization: string | undefined, form: URLSearchParams): unknown => {
    if (!isClient(authorization)) throw new RefusedError(401, 0, 'invalid_client');
    const invalid = new RefusedError(400, 0, 'invalid_grant');
    if (form.get('grant_type') === 'refresh_token') {
      const grant = grants.find(({ refresh }) => refresh === form.get('refresh_token'));
      if (grant === undefined) throw invalid;
      return renewed(grant);
    }
    const code = form.get('code') ?? '';
    const found = codes.get(code);
    // Good once, and for the page that it was asked for.
    codes.delete(code);
    if (found === undefined || found.redirect !== form.get('redirect_uri')) throw invalid;
    grants.push(found.grant);
    return renewed(found.grant);
  };

  return {
    metadata: () => metadata,
    connectionOf: (userId) => connections.get(userId),
    writes: () => writes,
    deauthorize: end,
    expire: (userId) => {
      for (const grant of grants.filter((each) => each.userId === userId)) grant.until = 0;
    },
    authorize: (userId, address) => {
      const { searchParams: asked } = new URL(address);
      if (asked.get('client_id') !== applicationId || asked.get('response_type') !== 'code') {
        throw new Error(`Discord shows an error for ${address}`);
      }
      const redirect = asked.get('redirect_uri')!;
      const code = randomUUID();
      const scopes = asked.get('scope')!.split(' ');
      codes.set(code, { redirect, grant: { userId, scopes, access: '', refresh: '', until: 0 } });
      const back = new URL(redirect);
      back.searchParams.set('code', code);
      back.searchParams.set('state', asked.get('state') ?? '');
      return back.href;
    },
    answer: ({ key, authorization, body }) => {
      if (key === `PUT /applications/${applicationId}/role-connections/metadata`) {
        if (!isBot(authorization)) throw new RefusedError(401, 0, '401: Unauthorized');
        metadata = check(roleMetadata, body);
        return { value: metadata };
      }
      if (key === 'POST /oauth2/token') return { value: give(authorization, body as URLSearchParams) };
      if (key === 'POST /oauth2/token/revoke') {
        if (!isClient(authorization)) throw new RefusedError(401, 0, 'invalid_client');
        const token = (body as URLSearchParams).get('token');
        const grant = grants.find(({ access, refresh }) => access === token || refresh === token);
        if (grant !== undefined) end(grant.userId);
        return { value: {} };
      }
      if (key === 'GET /oauth2/@me') {
        const { userId, scopes } = grantOf(authorization);
        return {
          value: { application: { id: applicationId }, scopes, expires: '', user: { id: userId, username: 'x' } },
        };
      }
      if (key === `PUT /users/@me/applications/${applicationId}/role-connection`) {
        const { userId, scopes } = grantOf(authorization);
        if (!scopes.includes('role_connections.write'))
          throw new RefusedError(403, 50_025, 'Invalid OAuth2 access token');
        const connection = check(roleConnection, body);
        const unknown = Object.keys(connection.metadata ?? {}).find((name) =>
          metadata.every((each) => each.key !== name),
        );
        if (unknown !== undefined) throw new RefusedError(400, 50_035, `Invalid Form Body: metadata.${unknown}`);
        connections.set(userId, connection);
        writes++;
        return { value: connection };
      }
      return undefined;
    },
  };
};
