import { createHash } from 'node:crypto';
import type { Role, Roles } from '../../state/roles.ts';
import { connectionOf } from './metadata.ts';
import { LeaveEndedError, type OAuth, type Tokens } from './oauth.ts';
import type { Standing } from './standing.ts';

export type KeeperOptions = {
  readonly roles: Roles;
  readonly oauth: OAuth;
  readonly standingOf: (account: string) => Promise<Standing>;
  readonly onTrouble: (error: unknown) => void;
  /** Milliseconds between two looks for whom something changed. */
  readonly everyMs?: number;
};

type Connection = ReturnType<typeof connectionOf>;

export type Keeper = { readonly wake: () => void; readonly stop: () => Promise<void> };

const atOnce = 10;
/** Seconds until a person is looked at again where nothing said that anything changed, and where it failed. */
const usually = 3_600;
const afterTrouble = 120;
/** Tokens are renewed so many milliseconds before they end. */
const margin = 60_000;

/** Tells Discord what people did, whenever it is something else than what it was told last. */
export const startKeeper = ({ roles, oauth, standingOf, onTrouble, everyMs = 2_000 }: KeeperOptions): Keeper => {
  let isStopping = false;
  let running: Promise<void> | undefined;

  /** New tokens are kept before they are used: the old ones are void. */
  const renewed = async ({ userId, tokens }: Role): Promise<Tokens> => {
    const fresh = await oauth.renew(tokens);
    await roles.renewed(userId, fresh);
    return fresh;
  };
  /** @returns tokens that hold */
  const telling = async (role: Role, connection: Connection): Promise<Tokens> => {
    const isFresh = role.tokens.until - margin > Date.now();
    const tokens = isFresh ? role.tokens : await renewed(role);
    try {
      await oauth.tell(tokens, connection);
      return tokens;
    } catch (error) {
      if (!isFresh || !(error instanceof LeaveEndedError)) throw error;
      // They may hold no longer than was said.
      const others = await renewed(role);
      await oauth.tell(others, connection);
      return others;
    }
  };
  const end = async (role: Role): Promise<void> => {
    await oauth.revoke(await telling(role, { metadata: {} }));
    await roles.drop(role.userId);
  };
  const tell = async (role: Role): Promise<void> => {
    const standing = role.account === undefined ? undefined : await standingOf(role.account);
    const connection = connectionOf(standing);
    const what = `0x${createHash('sha256').update(JSON.stringify(connection)).digest('hex')}` as const;
    if (what !== role.told) await telling(role, connection);
    await roles.told(role.userId, what, usually);
  };
  const one = async (role: Role): Promise<void> => {
    try {
      await (role.isEnded ? end(role) : tell(role));
    } catch (error) {
      // They took their leave back in Discord's settings, where everything that was told went with it.
      if (error instanceof LeaveEndedError) return roles.drop(role.userId);
      onTrouble(error);
      await roles.told(role.userId, undefined, afterTrouble);
    }
  };
  const work = async (): Promise<void> => {
    try {
      for (let due = await roles.take(atOnce); due.length > 0 && !isStopping; due = await roles.take(atOnce)) {
        await Promise.all(due.map(one));
      }
    } catch (error) {
      onTrouble(error);
    }
  };
  const wake = (): void => {
    if (isStopping) return;
    running ??= work().finally(() => {
      running = undefined;
    });
  };
  const timer = setInterval(wake, everyMs);
  timer.unref();
  wake();
  return {
    wake,
    stop: async () => {
      isStopping = true;
      clearInterval(timer);
      await running;
    },
  };
};
