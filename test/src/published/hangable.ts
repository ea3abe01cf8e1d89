import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A node behind a door that can be shut: then it takes questions and never answers. */
export type Hangable = {
  readonly url: string;
  hang(): void;
  /** Answers again; who waits for an old answer is cut off. */
  resume(): void;
  stop(): Promise<void>;
};

export const startHangable = async (target: string): Promise<Hangable> => {
  let hanging = false;
  const held = new Set<ServerResponse>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (hanging) return void held.add(response);
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(target, { method: 'POST', headers, body: Buffer.concat(chunks) }).catch(() => undefined);
    if (hanging) return void held.add(response);
    response.writeHead(answer?.status ?? 502, headers).end((await answer?.text()) ?? '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const response of held) response.destroy();
    held.clear();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hang: () => {
      hanging = true;
    },
    resume: () => {
      hanging = false;
      cut();
    },
    stop: async () => {
      cut();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
