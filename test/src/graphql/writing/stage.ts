import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApi, type TestApi } from '@openledger/api/testing';
import { createDatabase, migrate } from '@openledger/db';
import { startTestDatabase } from '@openledger/db/testing';
import { indexedTo, startIndexer } from '@openledger/indexer/testing';
import { datanetRegistryAbi } from '@openledger/protocol/abi';
import { formatManifest } from '@openledger/protocol/deploy';
import postgres from 'postgres';
import { createPublicClient, createWalletClient, type Hex, http } from 'viem';
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import { startFreshProtocol } from '../../drive/index.ts';

/** Somebody with a key and, once signed in, a session. Without ether, unless said otherwise. */
export type Person = {
  readonly account: PrivateKeyAccount;
  /** Lower-case. */
  readonly address: Hex;
  /** Its key, where it is known here; and its session's token. */
  readonly privateKey: Hex | undefined;
  readonly token: string;
  /** Asks in this account's name. */
  readonly ask: TestApi['ask'];
  /** Asks, and returns the data; throws what errors came instead. */
  readonly data: <T>(query: string, variables?: Record<string, unknown>) => Promise<T>;
  /** Sends a file to /upload. */
  readonly upload: (body: string | Uint8Array, headers?: Record<string, string>) => Promise<Response>;
};

/** A transaction of a `prepare…` field. */
export type Prepared = { to: Hex; data: Hex; value: string; summary: string; warning: string | null };

export type Stage = Awaited<ReturnType<typeof setStage>>;

/** A chain with the protocol, its index, the API over both, and nobody who has done anything. */
export async function setStage() {
  const folder = await mkdtemp(join(tmpdir(), 'openledger-writing-'));
  const [server, fresh] = await Promise.all([startTestDatabase(), startFreshProtocol()]);
  const databaseUrl = await server.create();
  const contractsFile = join(folder, 'contracts.json');
  await writeFile(contractsFile, formatManifest(fresh.manifest));
  await migrate(databaseUrl);
  const env = { DATABASE_URL: databaseUrl, CHAIN_RPC_URL: fresh.rpcUrl, CONTRACTS_FILE: contractsFile };
  const relayer = fresh.accounts[9]!;
  /** Runs bots. */
  const operator = fresh.accounts[8]!;
  const [indexer, api] = await Promise.all([
    startIndexer(env),
    startApi(databaseUrl, {
      contractsFile,
      rpcUrls: [fresh.rpcUrl],
      logLevel: 'error',
      relayerAddress: relayer.address.toLowerCase() as Hex,
      chatOperators: [operator.address.toLowerCase() as Hex],
    }),
  ]);
  await indexer.ready(180_000);
  const sql = postgres(databaseUrl, { max: 2, onnotice: () => {} });
  const app = createDatabase({ url: databaseUrl, max: 2 });
  const node = createPublicClient({ transport: http(fresh.rpcUrl), pollingInterval: 20 });
  const registry = fresh.manifest.contracts.DatanetRegistry as Hex;
  const genesisHash = fresh.manifest.genesisHash as Hex;

  const person = async (who: Hex | PrivateKeyAccount = generatePrivateKey()): Promise<Person> => {
    const account = typeof who === 'string' ? privateKeyToAccount(who) : who;
    const asking = `mutation($address: Address!) { signInMessage(address: $address) { message } }`;
    const { signInMessage } = await api.data<{ signInMessage: { message: string } }>(asking, {
      address: account.address,
    });
    const { message } = signInMessage;
    const signature = await account.signMessage({ message });
    const { signIn } = await api.data<{ signIn: { token: string } }>(
      'mutation($message: String!, $signature: Hex!) { signIn(message: $message, signature: $signature) { token } }',
      { message, signature },
    );
    const headers = { authorization: `Bearer ${signIn.token}` };
    const ask: Person['ask'] = (query, variables, more) => api.ask(query, variables, { ...headers, ...more });
    return {
      account,
      address: account.address.toLowerCase() as Hex,
      privateKey: typeof who === 'string' ? who : undefined,
      token: signIn.token,
      ask,
      data: async <T>(query: string, variables?: Record<string, unknown>) => {
        const { data, errors } = await ask(query, variables);
        if (errors) throw new Error(errors.map(({ message }) => message).join('; '));
        return data as T;
      },
      upload: (body, more = {}) =>
        fetch(`${api.url}/upload`, { method: 'POST', body: body as BodyInit, headers: { ...headers, ...more } }),
    };
  };

  return {
    api,
    app,
    sql,
    databaseUrl,
    contractsFile,
    rpcUrl: fresh.rpcUrl,
    relayer,
    operator,
    genesisHash,
    registry,
    chainId: fresh.manifest.chainId,
    manifest: fresh.manifest,
    accounts: fresh.accounts,
    /** Signs in, with a new key or a given one; a contract wallet is the account of its signer at another address. */
    person,
    /** With ether, to send prepared transactions: the owner of datanets. */
    rich: () => person(fresh.accounts[1]!.privateKey as Hex),
    /** Sends what a `prepare…` field gave, and waits until it is indexed. @throws Error when it reverts */
    send: async (from: Person, { to, data, value }: Prepared) => {
      const wallet = createWalletClient({ account: from.account, transport: http(fresh.rpcUrl) });
      const hash = await wallet.sendTransaction({ to, data, value: BigInt(value), chain: null });
      const receipt = await node.waitForTransactionReceipt({ hash });
      if (receipt.status !== 'success') throw new Error('It reverted.');
      await indexedTo(sql as never, receipt.blockNumber);
      return receipt;
    },
    /** Asks the registry itself. */
    read: <T>(functionName: string, args: readonly unknown[]) =>
      node.readContract({ address: registry, abi: datanetRegistryAbi, functionName, args } as never) as Promise<T>,
    chain: fresh.chain,
    node,
    indexed: async () => indexedTo(sql as never, await node.getBlockNumber()),
    close: async () => {
      await api.stop();
      await indexer.stop();
      await app.close();
      await sql.end();
      await fresh.stop();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What a browser's wallet does with the typed data that the API gives (`eth_signTypedData_v4`). */
export async function sign(
  account: PrivateKeyAccount,
  { domain, types, primaryType, message }: TypedData,
): Promise<Hex> {
  const { EIP712Domain: _, ...own } = types;
  return account.signTypedData({ domain, types: own, primaryType, message } as never);
}

export type TypedData = {
  domain: Record<string, string | number>;
  types: Record<string, unknown>;
  primaryType: string;
  message: Record<string, string>;
};
export const typedData = 'typedData { domain types primaryType message }';
