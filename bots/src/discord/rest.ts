import { DiscordAPIError, REST } from 'discord.js';
import type {
  APIInteractionResponse,
  RESTPatchAPIInteractionOriginalResponseJSONBody,
  RESTPostAPIChannelMessageJSONBody,
  RESTPutAPIApplicationCommandsJSONBody,
  RESTPutAPIApplicationRoleConnectionMetadataJSONBody,
} from 'discord-api-types/v10';
import type { Attachment } from './render.ts';

/** They closed their messages to the bot, or it was sent out of the place. */
export class BlockedError extends Error {
  override readonly name = 'BlockedError';
}

/** Discord's REST API as far as we use it; discord.js waits for its rate limits. */
export type DiscordRest = {
  readonly registerCommands: (applicationId: string, commands: RESTPutAPIApplicationCommandsJSONBody) => Promise<void>;
  /** What servers can ask of people before they get a role. */
  readonly registerRoles: (
    applicationId: string,
    metadata: RESTPutAPIApplicationRoleConnectionMetadataJSONBody,
  ) => Promise<void>;
  /** The first answer to an interaction, within three seconds. */
  readonly respond: (
    interactionId: string,
    token: string,
    response: APIInteractionResponse,
    files?: readonly Attachment[],
  ) => Promise<void>;
  readonly editOriginal: (
    applicationId: string,
    token: string,
    body: RESTPatchAPIInteractionOriginalResponseJSONBody,
    files?: readonly Attachment[],
  ) => Promise<void>;
  /** @throws BlockedError */
  readonly send: (channelId: string, body: RESTPostAPIChannelMessageJSONBody) => Promise<string>;
  /** The channel alone with a person. @throws BlockedError */
  readonly openAlone: (userId: string) => Promise<string>;
};

export type RestOptions = { readonly token: string; readonly apiRoot?: string | undefined };

const blocking = [50_007, 50_001, 10_003, 50_013];

export const createRest = ({ token, apiRoot }: RestOptions): DiscordRest => {
  const options = { version: '10', ...(apiRoot !== undefined && { api: apiRoot }), timeout: 10_000 };
  const rest = new REST({ ...options, retries: 2 }).setToken(token);
  /** What is not heard of may have been done: a message is not sent again on a guess. */
  const once = new REST({ ...options, retries: 0 }).setToken(token);
  const filesOf = (files: readonly Attachment[] = []) =>
    files.length === 0 ? {} : { files: files.map(({ name, body }) => ({ name, data: Buffer.from(body) })) };
  const naming = async <Result>(act: () => Promise<Result>): Promise<Result> => {
    try {
      return await act();
    } catch (error) {
      if (error instanceof DiscordAPIError && blocking.includes(Number(error.code)))
        throw new BlockedError(error.message);
      throw error;
    }
  };
  /** An interaction's own token is enough, and ours is nobody's business there. */
  const open = { auth: false } as const;
  return {
    registerCommands: async (applicationId, commands) => {
      await rest.put(`/applications/${applicationId}/commands`, { body: commands });
    },
    registerRoles: async (applicationId, metadata) => {
      await rest.put(`/applications/${applicationId}/role-connections/metadata`, { body: metadata });
    },
    respond: async (id, interactionToken, response, files) => {
      await rest.post(`/interactions/${id}/${interactionToken}/callback`, {
        ...open,
        body: response,
        ...filesOf(files),
      });
    },
    editOriginal: async (applicationId, interactionToken, body, files) => {
      const path = `/webhooks/${applicationId}/${interactionToken}/messages/@original` as const;
      await rest.patch(path, { ...open, body, ...filesOf(files) });
    },
    send: (channelId, body) =>
      naming(async () => {
        const sent = (await once.post(`/channels/${channelId}/messages`, { body })) as { id: string };
        return sent.id;
      }),
    openAlone: (userId) =>
      naming(async () => {
        const channel = (await rest.post('/users/@me/channels', { body: { recipient_id: userId } })) as { id: string };
        return channel.id;
      }),
  };
};
