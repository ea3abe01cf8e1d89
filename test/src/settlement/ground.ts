import { randomBytes } from 'node:crypto';
import { createDatabase, migrate, type Sql } from '@openledger/db';
import { deployment, inferenceRecord, voucher as voucherTable } from '@openledger/db/app';
import { chainDdl, startTestDatabase } from '@openledger/db/testing';
import { type Hex, requestIdOf, signMessage } from '@openledger/protocol';
import { inferenceEscrowAbi, modelRegistryAbi, openAbi } from '@openledger/protocol/abi';
import { developmentAccounts, type LocalChain } from '@openledger/protocol/chain';
import { Contract, type InterfaceAbi, id, JsonRpcProvider, parseEther, Wallet } from 'ethers';
import { startFreshProtocol } from '../drive/index.ts';

/** What a settler needs, as text: it also goes to other processes. */
export type Place = {
  readonly databaseUrl: string;
  readonly rpcUrl: string;
  readonly chainId: string;
  readonly genesisHash: Hex;
  readonly escrow: Hex;
  readonly key: string;
};

/** A chain with a worker and an active model, a database, and payers with a deposit of 10 OPEN each. */
export type Ground = {
  readonly place: Place;
  readonly chain: LocalChain;
  readonly provider: JsonRpcProvider;
  readonly sql: Sql;
  readonly escrow: Contract;
  readonly open: Contract;
  readonly worker: Hex;
  readonly payers: readonly Wallet[];
  /** Records answers that were given for these fees, and a voucher over so much in all. */
  readonly answer: (payer: Wallet, fees: readonly bigint[], more?: Answering) => Promise<readonly Hex[]>;
  readonly stop: () => Promise<void>;
};

export type Answering = {
  readonly promised?: bigint;
  /** Seconds that the voucher lasts. */
  readonly lasts?: number;
  readonly version?: number;
};

const lower = (address: string): Hex => address.toLowerCase() as Hex;
const act = async (contract: Contract, method: string, ...args: readonly unknown[]) => {
  await (await contract.getFunction(method).send(...args)).wait();
};

export const layGround = async (): Promise<Ground> => {
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
    await sql.unsafe(chainDdl().join(';'));
    await migrate(databaseUrl);
    await db.insert(deployment).values({ genesisHash, chainId });
    const provider = new JsonRpcProvider(chain.url, chain.chainId, { staticNetwork: true, cacheTimeout: -1 });
    provider.pollingInterval = 20;
    cleaners.push(() => provider.destroy());
    const wallet = (at: number) => new Wallet(developmentAccounts(40)[at]!.privateKey, provider);
    const contract = (name: 'InferenceEscrow' | 'ModelRegistry' | 'Open', abi: unknown, as: Wallet) =>
      new Contract(manifest.contracts[name], abi as InterfaceAbi, as);
    const [rich, owner, own] = [wallet(5), wallet(20), wallet(21)];
    const worker = lower(own.address);

    const models = contract('ModelRegistry', modelRegistryAbi, owner);
    await act(models, 'registerModel', id('base'), 'Priced', 'ipfs://model');
    await act(models, 'publishVersion', 1n, id('adapter'), 'ipfs://adapter', id('manifest'), 8, []);
    await act(contract('ModelRegistry', modelRegistryAbi, own), 'registerWorker', 'https://worker.example');
    const open = contract('Open', openAbi, rich);
    const payers = [22, 23, 24].map(wallet);
    const escrow = contract('InferenceEscrow', inferenceEscrowAbi, rich);
    await act(open, 'approve', escrow.target, parseEther('1000'));
    for (const payer of payers) await act(escrow, 'depositFor', payer.address, parseEther('10'));

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
      ...{ escrow: scope.verifyingContract, key: own.privateKey },
    };
    return { place, chain, provider, sql, escrow, open, worker, payers, answer, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
