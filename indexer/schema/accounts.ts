import { boolean, index, integer, onchainTable, primaryKey, text } from 'ponder';
import { count, hex, int8, provenance, uint256 } from './columns.ts';

/** Every address that ever acted or was named by an event. */
export const account = onchainTable(
  'account',
  {
    address: hex().primaryKey(),
    firstSeenBlock: int8().notNull(),
    firstSeenAt: int8().notNull(),
    /** When it last caused an event; zero while it was only named. */
    lastActiveAt: int8().notNull(),
    /** Events it caused. */
    events: count(),
  },
  (t) => ({
    firstSeenIndex: index('account_first_seen_idx').on(t.firstSeenAt, t.address),
    lastActiveIndex: index('account_last_active_idx').on(t.lastActiveAt, t.address),
    eventsIndex: index('account_events_idx').on(t.events, t.address),
  }),
);

/** One row for each account, role and UTC day with at least one action: the ground for retention and developer activity. */
export const accountRoleDay = onchainTable(
  'account_role_day',
  {
    account: hex().notNull(),
    role: text().notNull(),
    /** Start of the UTC day, Unix seconds. */
    day: int8().notNull(),
    events: integer().notNull(),
  },
  (t) => ({
    pk: primaryKey({ columns: [t.account, t.role, t.day] }),
    dayIndex: index('account_role_day_day_idx').on(t.day, t.role, t.account),
    roleIndex: index('account_role_day_role_idx').on(t.role, t.day, t.account),
  }),
);

/** Who may submit contributions in whose name. */
export const relayerAuthorization = onchainTable(
  'relayer_authorization',
  {
    account: hex().notNull(),
    relayer: hex().notNull(),
    expiresAt: uint256().notNull(),
    active: boolean().notNull(),
    ...provenance,
  },
  (t) => ({
    pk: primaryKey({ columns: [t.account, t.relayer] }),
    relayerIndex: index('relayer_authorization_relayer_idx').on(t.relayer, t.account),
    createdIndex: index('relayer_authorization_created_idx').on(t.createdAt, t.account, t.relayer),
  }),
);
