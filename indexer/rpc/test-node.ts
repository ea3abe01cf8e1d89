import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Call } from './node.ts';

type Ask = Call & { id: number };
/** What a test node does instead of passing a question on: answers itself, or takes over the response. */
export type Twist = (
  call: Call,
  pass: () => Promise<unknown>,
  response: ServerResponse,
) => Promise<{ result: unknown } | { error: { code: number; message: string } } | 'taken' | undefined>;

/** A node of a real chain that a test may make ill. */
export type TestNode = {
  readonly url: string;
  twist: Twist;
  takesBatches: boolean;
  asked: string[];
  close: () => Promise<void>;
};

const healthy: Twist = async () => undefined;

export const startTestNode = async (chainUrl: string): Promise<TestNode> => {
  const ask = async (call: Call): Promise<unknown> => {
    const response = await fetch(chainUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...call }),
    });
    const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } };
    if (error !== undefined) throw new Error(error.message);
    return result;
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Ask | Ask[];
    const one = async ({ id, ...call }: Ask) => {
      node.asked.push(call.method);
      const own = await node.twist(call, () => ask(call), response);
      if (own === 'taken') return own;
      return { jsonrpc: '2.0', id, ...(own ?? { result: await ask(call) }) };
    };
    response.setHeader('content-type', 'application/json');
    if (Array.isArray(body) && !node.takesBatches) {
      response.statusCode = 400;
      response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32600, message: 'one at a time' } }));
      return;
    }
    const answers: unknown[] = [];
    for (const item of [body].flat()) {
      const answer = await one(item);
      if (answer === 'taken') return;
      answers.push(answer);
    }
    response.end(JSON.stringify(Array.isArray(body) ? answers : answers[0]));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const node: TestNode = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret-key`,
    twist: healthy,
    takesBatches: true,
    asked: [],
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return node;
};
