import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compileCached, compileContracts } from './artifacts.ts';
import { CompileError, compile, contractSizes } from './compile.ts';
import { importsOf, readSources } from './sources.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'artifacts-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const head = '// SPDX-License-Identifier: MIT\npragma solidity ^0.8.28;\n';

test('no contract is too large for a chain, and none compiles with a warning', async () => {
  const { artifacts, warnings } = await compileContracts();
  expect(contractSizes(artifacts).filter(({ tooLarge }) => tooLarge)).toEqual([]);
  expect(warnings).toEqual([]);
});

test('an error says in which file and line it is', async () => {
  const source = `${head}contract Broken {\n  uint256 x = "text";\n}\n`;
  const error = await compile({ 'contracts/Broken.sol': source }, ['contracts/Broken.sol']).catch((caught) => caught);
  expect(error).toBeInstanceOf(CompileError);
  expect(error.message).toContain('1 Solidity error');
  expect(error.message).toContain('contracts/Broken.sol:4:15');
  expect(error.message).toContain('uint256 x = "text";');
});

test('an import that does not exist is reported where it is asked for', async () => {
  const virtual = { 'contracts/Lost.sol': `${head}import {Gone} from "./Gone.sol";\n` };
  const sources = await readSources(Object.keys(virtual), virtual);
  await expect(compile(sources, ['contracts/Lost.sol'])).rejects.toThrow(
    /"contracts\/Gone\.sol" not found[\s\S]*contracts\/Lost\.sol:3:1/,
  );
});

test('two contracts of one name are refused, because one would silently replace the other', async () => {
  const sources = { 'contracts/a.sol': `${head}contract Same {}`, 'contracts/b.sol': `${head}contract Same {}` };
  await expect(compile(sources, Object.keys(sources))).rejects.toThrow(
    'contracts/b.sol: contract Same is already defined in contracts/a.sol; rename one',
  );
});

test('imports are found whatever their form, and not in comments', () => {
  const code = `import "a.sol";
    import {B as C, D} from "./b.sol"; import * as E from '../e.sol';
    // import "no.sol";
    /* import {X} from "no.sol"; */
    import {
      F
    } from "@openzeppelin/contracts/f.sol";`;
  expect(importsOf('contracts/x/Y.sol', code)).toEqual([
    'a.sol',
    'contracts/x/b.sol',
    'contracts/e.sol',
    '@openzeppelin/contracts/f.sol',
  ]);
});

test('compiling leaves the process its own handling of errors', async () => {
  const before = [process.listeners('uncaughtException'), process.listeners('unhandledRejection')];
  await compile({ 'contracts/A.sol': `${head}contract A {}` }, ['contracts/A.sol']);
  expect([process.listeners('uncaughtException'), process.listeners('unhandledRejection')]).toEqual(before);
});

test('processes that start at once each get the contracts, and leave one whole file', async () => {
  const script = `import { compileCached } from ${JSON.stringify(join(import.meta.dirname, 'artifacts.ts'))};
    const { artifacts } = await compileCached(['contracts/Open.sol'], ${JSON.stringify(folder)});
    console.log(artifacts.Open.bytecode.length);`;
  const start = () => promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  const outputs = (await Promise.all([start(), start(), start()])).map(({ stdout }) => Number(stdout));
  expect(new Set(outputs).size).toBe(1);
  expect(outputs[0]).toBeGreaterThan(1_000);
  const files = await readdir(folder);
  expect(files).toHaveLength(1);
  expect((await compileCached(['contracts/Open.sol'], folder)).artifacts.Open?.bytecode).toHaveLength(outputs[0]!);
});
