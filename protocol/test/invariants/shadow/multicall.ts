import { Interface, type InterfaceAbi, Result } from 'ethers';
import { contractAbis } from '../../../src/abi/index.ts';
import type { Hex, Value } from '../call.ts';
import { type Handlers, refuse } from './state.ts';

const coder = new Interface(contractAbis.DatanetRegistry as unknown as InterfaceAbi);

/** Many calls of one sender in one transaction: each by its own rules, and all of them or none. */
export const multicall = (handlers: Handlers): Handlers => ({
  multicall(s, from, args, call) {
    for (const data of args[0] as readonly Hex[]) {
      const inner = decode(data);
      const handler = inner && handlers[inner.fn];
      if (!inner || !handler) return refuse(0, `the registry has no function for ${data.slice(0, 10)}`);
      handler(s, from, inner.args, { ...call, fn: inner.fn, args: inner.args });
    }
  },
});

/** The calldata of a call, as it stands in a batch. */
export function encodeInner(fn: string, args: readonly Value[]): Hex {
  return coder.encodeFunctionData(fn, args) as Hex;
}

function decode(data: Hex): { readonly fn: string; readonly args: readonly Value[] } | undefined {
  try {
    const parsed = coder.parseTransaction({ data });
    return parsed ? { fn: parsed.name, args: plain(parsed.args) } : undefined;
  } catch {
    return undefined;
  }
}

function plain(values: Result): readonly Value[] {
  return values.map((value: unknown, index) => {
    if (value instanceof Result) return plain(value);
    return /^0x[0-9a-fA-F]{40}$/.test(String(values[index])) ? String(value).toLowerCase() : (value as Value);
  });
}
