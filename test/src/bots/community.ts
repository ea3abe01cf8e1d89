import type { Hex } from 'viem';
import { type RunningRelayer, startRelayer } from '../graphql/writing/relayer.ts';
import { type Person, type Prepared, type Stage, setStage } from '../graphql/writing/stage.ts';

/** A chain, its index and API, a relayer, and one datanet that anybody may give to; its owner decides alone. */
export type Community = {
  readonly stage: Stage;
  readonly relayer: RunningRelayer;
  readonly owner: Person;
  /** Lets blocks pass until something is so. @throws Error with what it stays */
  readonly until: <T>(look: () => T | undefined | Promise<T | undefined>, what: () => string) => Promise<T>;
  /** Waits until the index has it that the relayer may act for an account: before, nothing can be given in its name. */
  readonly relayed: (account: string) => Promise<void>;
  /** Contributions of an account that the index has. */
  readonly contributionsOf: (account: string) => Promise<number>;
  readonly close: () => Promise<void>;
};

export const datanetName = 'Bees & more';

export const gather = async (): Promise<Community> => {
  const stage = await setStage();
  const relayer = startRelayer(stage);
  const owner = await stage.rich();
  const rules = 'minBond: 0, scoreThreshold: "600000000000000000", quorum: 0, reviewWindow: 3600';
  const creating = `prepareCreateDatanet(name: "${datanetName}", uri: "ipfs://about", visibility: PUBLIC, rules: { ${rules} })`;
  const { p } = await owner.data<{ p: Prepared }>(`{ p: ${creating} { to data value summary warning } }`);
  await stage.send(owner, p);
  const until: Community['until'] = async (look, what) => {
    for (const began = Date.now(); ; ) {
      const found = await look();
      if (found !== undefined) return found;
      if (Date.now() - began > 60_000) throw new Error(`${what()} ${relayer.output().slice(-600)}`);
      await stage.chain.mine(1);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  return {
    stage,
    relayer,
    owner,
    until,
    relayed: async (account) => {
      const look = () =>
        stage.sql`select 1 from chain.relayer_authorization where account = ${account.toLowerCase() as Hex}`;
      await until(
        async () => (await look())[0],
        () => `${account} has authorised no relayer`,
      );
    },
    contributionsOf: async (account) => {
      const rows =
        await stage.sql`select id from chain.contribution where contributor = ${account.toLowerCase() as Hex}`;
      return rows.length;
    },
    close: async () => {
      await relayer.stop();
      await stage.close();
    },
  };
};
