import { id, parseEther } from 'ethers';
import { DriveError, type Player, player, type Session } from './session.ts';

/** Who plays in the stories. Their keys follow from their names. */
const names = [
  // contribute, review, own datanets
  'alice',
  'bob',
  'carol',
  'sybil',
  'dave',
  'vera',
  'victor',
  'valerie',
  'rita',
  // build, serve, pay
  'erin',
  'frank',
  'ursula',
  'wren',
  'winston',
  'paul',
  'peggy',
  'sam',
  // govern and watch
  'greta',
  'gus',
  'gina',
  'gail',
  'warden',
  'clerk',
  'judge',
  'council',
  'dora',
] as const;

export type Cast = { readonly [Name in (typeof names)[number]]: Player } & {
  /** Holds the liquid OPEN of genesis. */
  readonly whale: Player;
  /** The accounts that were handed in, by lower-case address. */
  readonly accounts: ReadonlyMap<string, Player>;
};

export type DriveAccount = { readonly address: string; readonly privateKey: string };

const ether = parseEther('20');
const open = parseEther('20000');

/**
 * Makes the players and gives each 20 ether and 20,000 OPEN, from the accounts that hold them.
 * @throws DriveError when no account holds enough OPEN, or ether.
 */
export async function gatherCast(session: Session, accounts: readonly DriveAccount[]): Promise<Cast> {
  const given = accounts.map(({ privateKey }, index) => player(`account ${index}`, privateKey));
  const whale = await richest(session, given, 'OPEN', open * BigInt(names.length) + parseEther('5000000'));
  const banker = await richest(session, given, 'ether', ether * BigInt(names.length + 1));

  const players = names.map(castPlayer);
  for (const { address } of players) await session.transact(banker, { to: address, value: ether });
  for (const { address } of players) {
    await session.send(whale, 'Open', 'transfer', [address, open], { when: 'to an account without OPEN' });
  }
  return {
    ...(Object.fromEntries(players.map((one) => [one.name, one])) as { [Name in (typeof names)[number]]: Player }),
    whale,
    accounts: new Map(given.map((one) => [one.address, one])),
  };
}

/** One of the cast; whoever was gathered once is the same again. */
export function castPlayer(name: (typeof names)[number]): Player {
  return player(name, id(`openledger local player ${name}`));
}

async function richest(
  session: Session,
  accounts: readonly Player[],
  what: 'OPEN' | 'ether',
  least: bigint,
): Promise<Player> {
  let best: { holder: Player; balance: bigint } | undefined;
  for (const holder of accounts) {
    const balance: bigint =
      what === 'ether'
        ? await session.provider.getBalance(holder.address)
        : await session.view('Open', 'balanceOf', [holder.address]);
    if (best === undefined || balance > best.balance) best = { holder, balance };
  }
  if (best === undefined || best.balance < least) {
    throw new DriveError(
      `None of the ${accounts.length} accounts holds ${least} wei of ${what}; the richest has ${best?.balance ?? 0n}. ` +
        'Pass the account that receives the liquidity part of genesis.',
    );
  }
  return best.holder;
}
