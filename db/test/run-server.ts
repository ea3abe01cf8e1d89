/** Started by the tests: runs an embedded server on the folder named, says its pid, and ends as told. */
import { startEmbeddedPostgres } from '../src/server/embedded.ts';

const [dataDir = '', ending = 'stay'] = process.argv.slice(2);
const server = await startEmbeddedPostgres({ dataDir, initFlags: ['--no-sync', '--wal-segsize=1'] });
console.log(server.pid);
if (ending === 'exit') process.exit(3);
