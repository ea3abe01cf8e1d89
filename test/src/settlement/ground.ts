import { randomBytes } from 'node:crypto';
import { createDatabase, type Database, migrate, type Sql } from '@openledger/db';
import { deployment, inferenceRecord, voucher as voucherTable } from '@openledger/db/app';
import { chainDdl, startTestDatabase } from '@openledger/db/testing';
import { datanetTree, type Hex, requestIdOf, signMessage } from '@openledger/protocol';
import { type ContractName, contractAbis } from '@openledger/protocol/abi';
import { developmentAccounts, type LocalChain } from '@openledger/protocol/chain';
import type { Manifest } from '@openledger/protocol/deploy';
import { Contract, type InterfaceAbi, id, JsonRpcProvider, parseEther, Wallet, ZeroHash } from 'ethers';
import { startFreshProtocol } from '../drive/index.ts';

/** What a settler needs, as text: it also goes to other processes. */
export type Place = {
  readonly databaseUrl: string;
  readonly rpcUrl: string;
  readonly chainId: string;
  readonly genesisHash: Hex;
  readonly escrow: Hex;
  readonly ledger: Hex;
  readonly distributor: Hex;
  /** Of the worker, and of who may propose reward roots. */
  readonly key: string;
  readonly proposerKey: string;
};

/**
 * A chain with a worker and an active model, a database, and payers with a deposit of 10 OPEN each. The model is trained on a
 * datanet with a contribution of each of its three contributors: numbers 1 to 3.
 */
export type Ground = {
  readonly place: Place;
  readonly manifest: Manifest;
  readonly chain: LocalChain;
  readonly provider: JsonRpcProvider;
  readonly db: Database;
  readonly sql: Sql;
  readonly escrow: Contract;
  readonly open: Contract;
  readonly worker: Hex;
  readonly payers: readonly Wallet[];
  readonly contributors: readonly Wallet[];
  readonly contract: (name: Core, as?: Wallet) => Contract;
  /** A development account by its number. */
  readonly wallet: (at: number) => Wallet;
  /** Records answers that were given for these fees, and a voucher over so much in all. */
  readonly answer: (payer: Wallet, fees: readonly bigint[], more?: Answering) => Promise<readonly Hex[]>;
  readonly stop: () => Promise<void>;
};

type Core = Exclude<ContractName, 'LinearVesting' | 'CliffVesting'>;

export type GroundOptions = {
  /** OPEN that each payer deposits; 10 without it. */
  readonly deposit?: string;
  /** Without tables of the chain's: an indexer will make its own. */
  readonly isIndexed?: boolean;
};

export type Answering = {
  readonly promised?: bigint;
  /** Seconds that the voucher lasts. */
  readonly lasts?: number;
  readonly version?: number;
};

/** Sends one call and waits until it is mined. */
export const act = async (contract: Contract, method: string, ...args: readonly unknown[]): Promise<void> => {
  await (await contract.getFunction(method).send(...args)).wait();
};

const lower = (address: string): Hex => address.toLowerCase() as Hex;

export const layGround = async ({ deposit = '10', isIndexed = false }: GroundOptions = {}): Promise<Ground> => {
  const cleaners: (() => unknown)[] = [];
  const stop = async () => {
    for (const clean of cleaners.splice(0).reverse()) await clean();
  };
  try {
    const [server, protocol] = await Promise.all([startTestDatabase(), startFreshProtocol()]);
    cleaners.push(server.stop, protocol.stop);
    const { chain, manifest } = protocol;
    const { genesisHash, chainId } = manifest;
    const databaseUrl = await server.create();
    const { db, sql, close } = createDatabase({ url: databaseUrl, max: 4 });
    cleaners.push(close);
    if (!isIndexed) await sql.unsafe(chainDdl().join(';'));
    await migrate(databaseUrl);
    await db.insert(deployment).values({ genesisHash, chainId });
    const provider = new JsonRpcProvider(chain.url, chain.chainId, { staticNetwork: true, cacheTimeout: -1 });
    provider.pollingInterval = 20;
    cleaners.push(() => provider.destroy());
    const wallet = (at: number) => new Wallet(developmentAccounts(40)[at]!.privateKey, provider);
    const [rich, owner, own] = [wallet(5), wallet(20), wallet(21)];
    const contract: Ground['contract'] = (name, as = rich) =>
      new Contract(manifest.contracts[name], contractAbis[name] as unknown as InterfaceAbi, as);
    const worker = lower(own.address);

    const contributors = [25, 26, 27].map(wallet);
    const datanets = contract('DatanetRegistry', owner);
    await act(datanets, 'createDatanet', 'Rows', 'ipfs://datanet', id('datanet'), 0, 0, 0, 0, 3_600);
    for (const [at, contributor] of contributors.entries()) {
      const registry = contract('DatanetRegistry', contributor);
      await act(registry, 'submitContribution', 1n, id(`text ${at}`), 'ipfs://text', id('MIT'), 10);
      await act(datanets, 'decideContribution', BigInt(at + 1), true, ZeroHash);
    }
    const held = contributors.map((_, at) => ({ contributionId: BigInt(at + 1), contentHash: id(`text ${at}`) }));
    await act(datanets, 'publishVersion', 1n, datanetTree(held).root, held.length, 30, 'ipfs://version');

    const models = contract('ModelRegistry', owner);
    const sources = [{ datanetId: 1n, version: 1 }];
    await act(models, 'registerModel', id('base'), 'Priced', 'ipfs://model');
    await act(models, 'publishVersion', 1n, id('adapter'), 'ipfs://adapter', id('manifest'), 8, sources);
    await act(contract('ModelRegistry', own), 'registerWorker', 'https://worker.example');
    const open = contract('Open');
    const payers = [22, 23, 24].map(wallet);
    const escrow = contract('InferenceEscrow');
    await act(open, 'approve', escrow.target, parseEther('100000000'));
    for (const payer of payers) await act(escrow, 'depositFor', payer.address, parseEther(deposit));

    const scope = { chainId, verifyingContract: lower(manifest.contracts.InferenceEscrow) };
    let moment = Date.now() - 60_000;
    const answer: Ground['answer'] = async (
      wallet,
      fees,
      { promised = parseEther('9'), lasts = 3_600, version = 1 } = {},
    ) => {
      const payer = lower(wallet.address);
      const expiry = BigInt(Math.floor(Date.now() / 1000) + lasts);
      const message = { payer, worker, cumulativeAmount: promised, expiry };
      const signature = await signMessage(wallet, 'Voucher', scope, message);
      const kept = { cumulativeAmount: promised, expiresAt: new Date(Number(expiry) * 1000), signature };
      await db
        .insert(voucherTable)
        .values({ genesisHash, payer, worker, ...kept })
        .onConflictDoUpdate({ target: [voucherTable.genesisHash, voucherTable.payer, voucherTable.worker], set: kept });
      const rows = fees.map((fee) => {
        const nonce: Hex = `0x${randomBytes(32).toString('hex')}`;
        const requestId = requestIdOf({ chainId, escrow: scope.verifyingContract, worker, payer, nonce });
        return {
          ...{ requestId, nonce, genesisHash, worker, payer, fee, modelId: 1n, modelVersion: version },
          ...{ state: 'answered' as const, finishReason: 'stop', promptHash: nonce, outputHash: nonce },
          ...{ inTokens: 10, outTokens: 20, endedAt: new Date(moment++) },
        };
      });
      if (rows.length > 0) await db.insert(inferenceRecord).values(rows);
      return rows.map(({ requestId }) => requestId);
    };
    const place: Place = {
      ...{ databaseUrl, rpcUrl: chain.url, chainId: `${chainId}`, genesisHash },
      ...{ escrow: scope.verifyingContract, key: own.privateKey, proposerKey: wallet(7).privateKey },
      ledger: lower(manifest.contracts.AttributionLedger),
      distributor: lower(manifest.contracts.RewardDistributor),
    };
    const people = { worker, payers, contributors };
    return { place, manifest, chain, provider, db, sql, escrow, open, contract, wallet, ...people, answer, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
