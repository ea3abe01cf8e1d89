/** Writes the committed ABIs and event lists from the Solidity sources: `npm run -w protocol generate`. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderAbis } from '../src/compile/render.ts';

const folder = join(import.meta.dirname, '..', 'src', 'abi', 'generated');
const files = await renderAbis();

await mkdir(folder, { recursive: true });
for (const name of await readdir(folder)) if (!(name in files)) await rm(join(folder, name));
for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
console.log(`${Object.keys(files).length} files in ${folder}`);
