/** The API as it is in production, a process of its own; its settings come from the environment. Prints its URL. */
import { createApiServer, readConfig } from '@openledger/api';

const { url, stop } = await createApiServer(readConfig(process.env));
process.on('SIGTERM', () => void stop().finally(() => process.exit(0)));
process.stdout.write(`${url}\n`);
