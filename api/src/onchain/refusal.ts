import type { Hex } from '@openledger/db/chain';
import { contractAbis } from '@openledger/protocol/abi';
import { type Abi, type BaseError, decodeErrorResult, RpcRequestError } from 'viem';

/** Why a contract refuses a call: the error of its ABI, or what it said in words. */
export type Refusal = {
  /** The custom error's name, such as `DuplicateContent`; null for a plain text or nothing at all. */
  readonly name: string | null;
  readonly args: readonly unknown[];
  /** For people: `DuplicateContent(datanetId: 1, contentHash: 0x…, contributionId: 4)`. */
  readonly message: string;
};

/** Every error that any contract of ours may pass on: a call of one may end in another. */
const errors: Abi = (() => {
  const known = new Map<string, Abi[number]>();
  for (const abi of Object.values(contractAbis) as unknown as Abi[]) {
    for (const item of abi) {
      if (item.type === 'error') known.set(`${item.name}(${item.inputs.map(({ type }) => type).join()})`, item);
    }
  }
  return [...known.values()];
})();

/** Why a node says that a call reverts; null when it failed for another reason, such as a node that is not there. */
export function refusalOf(error: BaseError): Refusal | null {
  const request = error.walk((cause) => cause instanceof RpcRequestError);
  if (!(request instanceof RpcRequestError)) return null;
  const data = dataOf(request.data);
  if (data !== undefined && data !== '0x') return decodeRefusal(data);
  // Nodes give a call that reverts with nothing, or with a text, code 3 or -32000 and say so.
  if (!/revert|insufficient funds|exceeds/i.test(request.details ?? request.message)) return null;
  return { name: null, args: [], message: (request.details || 'It reverts without a reason.').slice(0, 200) };
}

/** @param data what the call gave back when it reverted */
export function decodeRefusal(data: Hex): Refusal {
  try {
    const { errorName, args = [], abiItem } = decodeErrorResult({ abi: errors, data });
    if (errorName === 'Error') return { name: null, args, message: String(args[0]) };
    const inputs = 'inputs' in abiItem ? abiItem.inputs : [];
    const shown = args.map((value, index) => `${inputs[index]?.name || index}: ${show(value)}`);
    return { name: errorName, args, message: `${errorName}(${shown.join(', ')})` };
  } catch {
    return { name: null, args: [], message: `It reverts with ${data.slice(0, 74)}.` };
  }
}

function show(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase() : String(value);
}

/** Some nodes wrap the data once more. */
function dataOf(data: unknown): Hex | undefined {
  if (typeof data === 'string') return /^0x[0-9a-f]*$/i.test(data) ? (data as Hex) : undefined;
  if (data !== null && typeof data === 'object' && 'data' in data) return dataOf(data.data);
  return undefined;
}
