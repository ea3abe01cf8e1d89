import type { IncomingMessage, ServerResponse } from 'node:http';
import { invalid } from './refusal.ts';

const longestBody = 16 << 20;

/** One server-sent event. */
export const send = async (response: ServerResponse, event: unknown): Promise<void> => {
  if (response.write(`data: ${JSON.stringify(event)}\n\n`)) return;
  await new Promise<void>((resolve) => {
    response.once('drain', resolve).once('close', resolve);
  });
};

export const sendJson = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

/** @throws Refusal for what is not JSON. */
export const readBody = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  if (request.headers['content-type']?.split(';')[0] !== 'application/json') {
    throw invalid("Unsupported Media Type: Only 'application/json' is allowed");
  }
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > longestBody) throw invalid('The body is too large');
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>;
  } catch (error) {
    throw invalid(`JSON decode error: ${error instanceof Error ? error.message : error}`);
  }
};
