import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a node answers: as it should, never, with HTTP 500, with an error of JSON-RPC's, or with something else. */
export type Manner = 'right' | 'silent' | 'broken' | 'erring' | 'nonsense';

export type TestNode = {
  readonly url: string;
  manner: Manner;
  chainId: bigint;
  block: bigint;
  /** Unix seconds. */
  timestamp: bigint;
  /** What it was asked, in order. */
  readonly asked: { method: string; authorization: string | undefined }[];
  readonly stop: () => Promise<void>;
};

/** A node of a chain as far as its head goes, over real HTTP, behaving as badly as a test wants. */
export async function startNode(head: { chainId: bigint; block: bigint; timestamp: bigint }): Promise<TestNode> {
  const asked: TestNode['asked'] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { id, method } = JSON.parse(Buffer.concat(chunks).toString()) as { id: number; method: string };
    asked.push({ method, authorization: request.headers.authorization });
    const hex = (value: bigint) => `0x${value.toString(16)}`;
    const result =
      method === 'eth_chainId' ? hex(node.chainId) : { number: hex(node.block), timestamp: hex(node.timestamp) };
    switch (node.manner) {
      case 'right':
        return response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
      case 'erring':
        return response.end(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32005, message: 'key me:hush' } }));
      case 'broken':
        return response.writeHead(500).end('key me:hush');
      case 'nonsense':
        return response.end('<html>key me:hush</html>');
      case 'silent':
        return;
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const node: TestNode = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    manner: 'right',
    ...head,
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return node;
}
