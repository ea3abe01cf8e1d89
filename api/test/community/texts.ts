import type { Hex } from '@openledger/db/chain';
import { datanetTree } from '@openledger/protocol';
import { id as keccakOf } from 'ethers';
import { DAY, people } from './base.ts';

const { bruno, chiara } = people;

/** What was contributed: question and answer, as its author wrote it. */
export const texts: readonly { datanet: bigint; by: Hex; status: 'accepted' | 'rejected' | 'pending'; text: string }[] =
  [
    {
      datanet: 1n,
      by: bruno,
      status: 'accepted',
      text: 'Q: Why can I not use a String after passing it to a function?\nA: Passing it moves it: the function owns it now and drops it at its end. Pass a reference, &s, to lend it instead.\n',
    },
    {
      datanet: 1n,
      by: chiara,
      status: 'accepted',
      text: 'Q: When do I need a lifetime on a struct?\nA: When it holds a reference: the lifetime says that the struct may not outlive what it points at.\n',
    },
    {
      datanet: 1n,
      by: bruno,
      status: 'accepted',
      text: 'Q: What does "cannot borrow as mutable more than once" protect me from?\nA: From two places changing the same data at a time, such as growing a Vec while an iterator still points into it.\n',
    },
    { datanet: 1n, by: chiara, status: 'rejected', text: 'Buy followers cheap.\n' },
    {
      datanet: 1n,
      by: chiara,
      status: 'accepted',
      text: 'Q: Rc or Arc?\nA: Rc within one thread. Arc counts atomically and may be shared between threads.\n',
    },
    {
      datanet: 1n,
      by: bruno,
      status: 'pending',
      text: 'Q: What is interior mutability?\nA: Changing a value through a shared reference, checked while running: RefCell panics on a second mutable borrow.\n',
    },
    {
      datanet: 2n,
      by: chiara,
      status: 'accepted',
      text: 'Berth 7, spring tide: hold at the outer buoy until the ferry has cleared the basin.\n',
    },
    {
      datanet: 2n,
      by: bruno,
      status: 'accepted',
      text: 'Fog below 200 m: two tugs, and the bow thruster is not to be relied on.\n',
    },
  ];
export const contributionBlock = (n: number) => 200 + n * DAY * 0.25;

export const hashes = texts.map(({ text }) => keccakOf(text) as Hex);
export const treeOf = (ids: readonly number[]) =>
  datanetTree(ids.map((n) => ({ contributionId: BigInt(n), contentHash: hashes[n - 1]! })));
/** What is in each version: number of the datanet, number of the version, contributions. */
export const versions = [
  { datanetId: 1n, version: 1, ids: [1, 2, 3], block: 40_000 },
  { datanetId: 1n, version: 2, ids: [1, 2, 3, 5], block: 70_000 },
  { datanetId: 2n, version: 1, ids: [7, 8], block: 95_000 },
];
