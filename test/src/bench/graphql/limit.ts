/**
 * What somebody writes by hand who needs these three answers and no others: node:http, one prepared statement for each, and
 * the JSON as Postgres' own functions make it, with no price, budget or tag. Prints its URL.
 */
import { createServer } from 'node:http';
import postgres from 'postgres';
import { announce } from './announce.ts';
import { questions } from './questions.ts';

const sql = postgres(process.env.DATABASE_URL!, { max: 10, onnotice: () => {} });
const statements = new Map(questions.map((question) => [`/${question.name}`, question]));

const server = createServer((request, response) => {
  const question = statements.get(request.url ?? '')!;
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', async () => {
    const { variables } = JSON.parse(Buffer.concat(chunks).toString()) as { variables: Record<string, string> };
    const [row] = await sql.unsafe<{ data: string }[]>(question.sql, Object.values(variables), { prepare: true });
    const body = `{"data":${row!.data}}`;
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
});
await announce(server);
