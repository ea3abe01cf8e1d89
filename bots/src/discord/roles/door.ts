import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Texts, textsFor } from '../../core/texts/index.ts';
import type { Roles } from '../../state/roles.ts';
import { LeaveEndedError, type OAuth } from './oauth.ts';

/** Where people begin, which an application's settings call its linked roles verification URL, and where Discord sends them back to. */
export const rolesPath = '/discord/roles';
export const returnPath = `${rolesPath}/done`;

export type RolesDoorOptions = {
  readonly oauth: OAuth;
  readonly roles: Roles;
  /** Told that there is somebody to tell Discord of. */
  readonly onLinked: () => void;
  readonly onTrouble: (error: unknown) => void;
  /** Browsers send the cookie over HTTPS only. */
  readonly isSecure: boolean;
};

type Door = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
const minutes = 10;
const cookie = 'roles';

/** Pages of linked roles: one that leads to Discord, which asks, and one that it leads back to. */
export const createRolesDoor = (options: RolesDoorOptions): Readonly<Record<string, Door>> => {
  const { oauth, roles, onLinked, onTrouble, isSecure } = options;
  const attributes = `Path=${rolesPath}; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;

  const begin: Door = async (_, response) => {
    const state = randomBytes(24).toString('base64url');
    response
      .writeHead(302, {
        location: oauth.authorizeUrl(state),
        // Whoever comes back with it is the one who went: nobody is led into somebody else's account.
        'set-cookie': `${cookie}=${state}; Max-Age=${minutes * 60}; ${attributes}`,
        'cache-control': 'no-store',
      })
      .end();
  };
  const done: Door = async (request, response) => {
    const { discord } = textsFor(localeOf(request));
    const { searchParams } = new URL(request.url ?? '/', 'http://bots');
    const show = (status: number, title: string, words: string) =>
      response
        .writeHead(status, {
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
          'referrer-policy': 'no-referrer',
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
          'set-cookie': `${cookie}=; Max-Age=0; ${attributes}`,
        })
        .end(page(title, words));
    const failed = (status: number) => show(status, discord.roles.failed, discord.roles.failedHow);
    const code = searchParams.get('code');
    if (code === null || !isSame(searchParams.get('state') ?? '', cookieOf(request))) return void failed(400);
    try {
      const tokens = await oauth.exchange(code);
      await roles.keep(await oauth.userIdOf(tokens), tokens);
    } catch (error) {
      if (error instanceof LeaveEndedError) return void failed(400);
      onTrouble(error);
      return void failed(502);
    }
    onLinked();
    show(200, discord.roles.done, discord.roles.doneHow);
  };
  return { [rolesPath]: begin, [returnPath]: done };
};

const cookieOf = ({ headers }: IncomingMessage): string =>
  new RegExp(`(?:^|;\\s*)${cookie}=([\\w-]*)`).exec(headers.cookie ?? '')?.[1] ?? '';

const isSame = (left: string, right: string): boolean => {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length > 0 && a.length === b.length && timingSafeEqual(a, b);
};

const localeOf = ({ headers }: IncomingMessage): Texts['locale'] =>
  /^[\w-]+/.exec(headers['accept-language'] ?? '')?.[0] ?? 'en';

/** Words of ours alone: nothing that came with the request is shown. */
const page = (title: string, words: string): string => `<!doctype html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}main{max-width:32rem;margin:4rem auto;padding:0 1rem}</style>
</head><body><main><h1>${title}</h1><p>${words}</p></main></body></html>
`;
