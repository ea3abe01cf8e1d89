import { writeFile } from 'node:fs/promises';
import { measureGas } from './gas/measure.ts';
import { renderGas } from './gas/table.ts';

const file = new URL('../../protocol/GAS.md', import.meta.url);
const rows = await measureGas((message) => console.log(message));
await writeFile(file, renderGas(rows));
console.log(`protocol/GAS.md: ${rows.length} rows.`);
