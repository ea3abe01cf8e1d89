import { expect, it } from 'vitest';
import { createQueue, type Queue, type Waiting } from './queue.ts';

const waiting = (id: string, adapter: string): Waiting => ({ request: { id, adapter: `0x${adapter}` } });

/** Takes everybody, each costing as much as told. */
const orderOf = (queue: Queue<Waiting>, cost: (id: string) => number): string[] => {
  const order: string[] = [];
  for (let next = queue.take(); next !== undefined; next = queue.take()) {
    order.push(next.request.id);
    queue.charge(next, cost(next.request.id));
  }
  return order;
};

it('serves adapters in turn, whatever the number of requests for each, and each one’s in their order', () => {
  const queue = createQueue<Waiting>();
  for (const id of ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1']) queue.push(waiting(id, id[0]!));
  expect(orderOf(queue, () => 10)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
  expect(queue.length()).toBe(0);
});

it('goes by the work that was done, not by the number of requests', () => {
  const queue = createQueue<Waiting>();
  for (const id of ['a1', 'a2', 'b1', 'b2', 'b3', 'b4']) queue.push(waiting(id, id[0]!));
  expect(orderOf(queue, (id) => (id[0] === 'a' ? 30 : 10))).toEqual(['a1', 'b1', 'b2', 'b3', 'a2', 'b4']);
});

it('gives whoever was away no credit for it', () => {
  const queue = createQueue<Waiting>();
  for (let i = 0; i < 50; i++) queue.push(waiting(`a${i}`, 'a'));
  for (let i = 0; i < 40; i++) queue.charge(queue.take()!, 10);
  for (let i = 0; i < 4; i++) queue.push(waiting(`b${i}`, 'b'));
  expect(
    orderOf(queue, () => 10)
      .slice(0, 6)
      .map((id) => id[0]),
  ).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
});

it('lets a request go, with all its answers', () => {
  const queue = createQueue<Waiting>();
  for (const id of ['a', 'b', 'a', 'c']) queue.push(waiting(id, id));
  expect(queue.remove('a')).toBe(2);
  expect(queue.remove('a')).toBe(0);
  expect([queue.length(), queue.all().map(({ request }) => request.id)]).toEqual([2, ['b', 'c']]);
});
