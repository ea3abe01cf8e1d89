import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hex } from '@openledger/protocol';
import { keccak256, toUtf8Bytes } from 'ethers';
import { ort } from '../../factory/index.ts';
import { VersionError } from './errors.ts';

/** A base's configuration, graph and weights; what else lies in its folder does not change what it computes. */
const modelFile = /^(config\.json|.*\.onnx|.*\.onnx[._]data|.*\.safetensors)$/;

/**
 * The hash that records name a base by: keccak256 of the lines that `sha256sum` prints for `config.json` and the files of the
 * graph and its weights, by name. Anybody can compute it with tools at hand.
 *
 * @throws VersionError for a folder without a model.
 * @example // the same in a shell, inside the folder
 * // cast keccak "$(sha256sum config.json model.onnx model.onnx_data)
 * // "
 */
export const modelHash = async (folder: string): Promise<Hex> => {
  const names = (await readdir(folder)).filter((name) => modelFile.test(name)).sort();
  if (!names.includes('config.json') || names.length < 2) {
    throw new VersionError(
      `${folder} has no config.json with a model beside it: a base in Hugging Face's layout has both`,
    );
  }
  let lines = '';
  for (const name of names) lines += `${await sha256(join(folder, name))}  ${name}\n`;
  return keccak256(toUtf8Bytes(lines)) as Hex;
};

/** keccak256 of `tokenizer.json`. */
export const tokenizerHash = async (folder: string): Promise<Hex> =>
  keccak256(await readFile(join(folder, 'tokenizer.json'))) as Hex;

/** What gradients are computed with, by name and version; on its CPU provider, which every machine has. */
export const runtimeName = `onnxruntime-node ${ort.env.versions.node} cpu`;

/** keccak256 of {@link runtimeName}. */
export const runtimeHash = keccak256(toUtf8Bytes(runtimeName)) as Hex;

const sha256 = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
};
