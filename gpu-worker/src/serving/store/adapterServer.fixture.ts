import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A web server of a folder, which can be told to misbehave. */
export type AdapterServer = {
  /** `http://127.0.0.1:…` */
  readonly origin: string;
  /** Paths, in the order they were asked for. */
  readonly asked: string[];
  /** Answers in place of the folder's files, by the beginning of the path. */
  readonly instead: Map<string, Answer>;
  readonly stop: () => Promise<void>;
};

/** On 127.0.0.1, and on 127.0.0.2 for redirects to another address. */
export const startAdapterServer = async (folder: string): Promise<AdapterServer> => {
  const asked: string[] = [];
  const instead = new Map<string, Answer>();
  const server = createServer(async (request, response) => {
    const path = request.url!;
    asked.push(path);
    const other = [...instead].find(([prefix]) => path.startsWith(prefix));
    if (other !== undefined) return other[1](request, response);
    await readFile(join(folder, new URL(path, 'http://host').pathname)).then(
      (body) => response.end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    instead,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
