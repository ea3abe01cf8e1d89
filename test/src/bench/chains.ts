import { signMessage } from '@openledger/protocol';
import type { LocalChain } from '@openledger/protocol/chain';
import { id, parseEther } from 'ethers';
import { interfaces } from '../drive/coders.ts';
import type { FreshProtocol } from '../drive/index.ts';
import { player, Session } from '../drive/session.ts';

type Progress = (message: string) => void;

/** Answers settled in one transaction; each is two events, `InferenceSettled` and `FeeDistributed`. */
const answersPerTransaction = 25;
const eventsPerTransaction = 2 * answersPerTransaction;
/** A block of settlements needs far more than a block of the default limit. */
const blockGas = 1_000_000_000n;
const transactionGas = 5_000_000n;

/** A chain that Ponder does not know counts as final this far below its head; what is above is not history. */
const finalityDepth = 30;

const hex = (value: bigint | number, digits = 0) => `0x${value.toString(16).padStart(digits, '0')}`;
const deposit = parseEther('1000000');

/**
 * Makes a dense chain: a worker settles answers that a payer has paid for, 50 events in each transaction, and empty blocks
 * until all of them are final. A block costs anvil time by all that was ever stored, so a large chain needs large blocks.
 */
export async function settleDensely(
  fresh: FreshProtocol,
  { events, transactionsPerBlock }: { events: number; transactionsPerBlock: number },
  progress: Progress,
): Promise<void> {
  const { chain, manifest } = fresh;
  const { worker, voucher, signature } = await openForBusiness(fresh);
  const transactions = Math.ceil(events / eventsPerTransaction);
  await chain.setAutomine(false);
  await chain.call('evm_setBlockGasLimit', [hex(blockGas)]);
  const firstNonce = Number(await chain.call<string>('eth_getTransactionCount', [worker, 'latest']));
  const settle = (t: number) => {
    const inferences = Array.from({ length: answersPerTransaction }, (_, i) => ({
      nonce: hex(t * answersPerTransaction + i, 64),
      modelId: 1n,
      version: 1,
      inTokens: 200 + i,
      outTokens: 400 + ((t * 7) % 100),
      fee: parseEther('0.001') + BigInt(t * 31 + i),
      outputHash: id(`output ${t} ${i}`),
    }));
    const data = interfaces.InferenceEscrow.encodeFunctionData('settle', [[{ voucher, signature, inferences }]]);
    const to = manifest.contracts.InferenceEscrow;
    const transaction = { from: worker, to, data, gas: hex(transactionGas), nonce: hex(firstNonce + t) };
    return chain.call('eth_sendTransaction', [transaction]);
  };
  for (let t = 0; t < transactions; t += transactionsPerBlock) {
    const length = Math.min(transactionsPerBlock, transactions - t);
    await Promise.all(Array.from({ length }, (_, i) => settle(t + i)));
    await chain.mine(1);
    if (t % 1_000 === 0) progress(`${t * eventsPerTransaction} of ${events} events made`);
  }
  await finalize(chain);
}

/** Makes a sparse chain: `blocks` blocks of one transfer of OPEN each, and empty ones until all of them are final. */
export async function transferSparsely(fresh: FreshProtocol, blocks: number, progress: Progress): Promise<void> {
  const { chain, accounts } = fresh;
  const from = accounts[5]!.address;
  const nonce = Number(await chain.call<string>('eth_getTransactionCount', [from, 'latest']));
  await chain.setAutomine(false);
  for (let i = 0; i < blocks; i++) {
    await sendTransfer(fresh, accounts[6 + (i % 4)]!.address, nonce + i);
    await chain.mine(1);
    if (i % 1_000 === 0) progress(`${i} of ${blocks} blocks made`);
  }
  await finalize(chain);
}

/** One by one: with a large state each takes a while. */
async function finalize(chain: LocalChain): Promise<void> {
  for (let block = 0; block < finalityDepth + 2; block++) await chain.mine(1);
}

/** Sends a transfer of a wei of OPEN, one event, from the account that holds the liquid part of it. */
export async function sendTransfer({ chain, manifest, accounts }: FreshProtocol, to: string, nonce?: number) {
  const data = interfaces.Open.encodeFunctionData('transfer', [to, 1n]);
  const transaction = { from: accounts[5]!.address, to: manifest.contracts.Open, data, gas: hex(100_000) };
  const numbered = nonce === undefined ? transaction : { ...transaction, nonce: hex(nonce) };
  return chain.call<string>('eth_sendTransaction', [numbered]);
}

/** A model in service, a worker that serves it, and a payer's voucher over all it has. */
async function openForBusiness({ rpcUrl, manifest, accounts }: FreshProtocol) {
  const [builder, worker, payer, liquidity] = [1, 2, 3, 5].map((i) => player(`account ${i}`, accounts[i]!.privateKey));
  if (!builder || !worker || !payer || !liquidity) throw new Error('The chain has too few accounts');
  const session = new Session(rpcUrl, manifest);
  await session.open();
  await session.send(builder, 'ModelRegistry', 'registerModel', [id('base'), 'Dense', 'ipfs://model']);
  await session.send(builder, 'ModelRegistry', 'publishVersion', [1n, id('adapter'), 'ipfs://adapter', id('m'), 8, []]);
  await session.send(builder, 'ModelRegistry', 'setStatus', [1n, 2]);
  await session.send(worker, 'ModelRegistry', 'registerWorker', ['https://worker.example']);
  await session.send(worker, 'ModelRegistry', 'deployAdapter', [1n, worker.address, 1]);
  await session.send(liquidity, 'Open', 'transfer', [payer.address, deposit]);
  await session.send(payer, 'Open', 'approve', [manifest.contracts.InferenceEscrow, deposit]);
  await session.send(payer, 'InferenceEscrow', 'deposit', [deposit]);
  const domain = { chainId: manifest.chainId, verifyingContract: manifest.contracts.InferenceEscrow };
  const voucher = { payer: payer.address, worker: worker.address, cumulativeAmount: deposit, expiry: 2n ** 63n };
  const signature = await signMessage(payer.wallet, 'Voucher', domain, voucher);
  await session.close();
  return { worker: worker.address, voucher, signature };
}
