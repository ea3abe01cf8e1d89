import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Api } from '../../core/api/client.ts';
import type { Roles } from '../../state/roles.ts';
import type { DiscordRest } from '../rest.ts';
import { createRolesDoor, returnPath } from './door.ts';
import { startKeeper } from './keeper.ts';
import { roleMetadata } from './metadata.ts';
import { createOAuth } from './oauth.ts';
import { standingOf } from './standing.ts';

export type RolesOptions = {
  readonly applicationId: string;
  readonly clientSecret: string;
  /** Where people reach this process, without a slash at the end. */
  readonly url: string;
  readonly apiRoot?: string | undefined;
  readonly rest: DiscordRest;
  readonly roles: Roles;
  readonly api: Api;
  readonly onTrouble: (error: unknown) => void;
};

export type RolesService = {
  /** Pages, by their path. */
  readonly doors: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => Promise<void>>>;
  readonly stop: () => Promise<void>;
};

/** Roles that servers give to people by what they did here. https://discord.com/developers/docs/tutorials/configuring-app-metadata-for-linked-roles */
export const startRoles = async (options: RolesOptions): Promise<RolesService> => {
  const { applicationId, clientSecret, url, apiRoot, rest, roles, api, onTrouble } = options;
  await rest.registerRoles(applicationId, roleMetadata());
  const oauth = createOAuth({ applicationId, clientSecret, redirectUrl: `${url}${returnPath}`, apiRoot });
  const keeper = startKeeper({ roles, oauth, standingOf: (account) => standingOf(api, account), onTrouble });
  const isSecure = url.startsWith('https:');
  return {
    doors: createRolesDoor({ oauth, roles, onLinked: keeper.wake, onTrouble, isSecure }),
    stop: keeper.stop,
  };
};
