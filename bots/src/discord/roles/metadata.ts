import {
  ApplicationRoleConnectionMetadataType,
  type RESTPutAPIApplicationRoleConnectionMetadataJSONBody,
  type RESTPutAPICurrentUserApplicationRoleConnectionJSONBody,
} from 'discord-api-types/v10';
import { type Texts, textsFor } from '../../core/texts/index.ts';
import { localised } from '../commandData.ts';
import type { Standing } from './standing.ts';

const types = {
  linked: ApplicationRoleConnectionMetadataType.BooleanEqual,
  accepted: ApplicationRoleConnectionMetadataType.IntegerGreaterThanOrEqual,
  reviewed: ApplicationRoleConnectionMetadataType.IntegerGreaterThanOrEqual,
  earned: ApplicationRoleConnectionMetadataType.IntegerGreaterThanOrEqual,
  since: ApplicationRoleConnectionMetadataType.DatetimeGreaterThanOrEqual,
} as const;
const keys = Object.keys(types) as readonly (keyof typeof types)[];

/** What servers can ask of people before they give them a role; Discord takes five such things. */
export const roleMetadata = (): RESTPutAPIApplicationRoleConnectionMetadataJSONBody =>
  keys.map((key) => {
    const words = (part: 'name' | 'about') => (texts: Texts) => texts.discord.roles[key][part];
    return {
      key,
      type: types[key],
      name: words('name')(textsFor('en')),
      name_localizations: localised(words('name')),
      description: words('about')(textsFor('en')),
      description_localizations: localised(words('about')),
    };
  });

/** Discord's whole numbers have 32 bits. */
const mostNumber = 2 ** 31 - 1;
const wei = 10n ** 18n;
const whole = (value: bigint): number => (value > BigInt(mostNumber) ? mostNumber : Number(value));

/**
 * What Discord is told of a person. Their wallet is not among it: it would stand on their profile.
 *
 * @param standing undefined where no wallet is linked
 */
export const connectionOf = (
  standing: Standing | undefined,
): RESTPutAPICurrentUserApplicationRoleConnectionJSONBody => ({
  platform_name: 'OpenLedger',
  metadata: {
    linked: standing === undefined ? 0 : 1,
    accepted: whole(BigInt(standing?.accepted ?? 0)),
    reviewed: whole(BigInt(standing?.reviewed ?? 0)),
    earned: whole((standing?.earned ?? 0n) / wei),
    ...(standing?.since !== undefined && { since: new Date(standing.since).toISOString() }),
  },
});
