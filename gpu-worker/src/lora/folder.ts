import { createHash } from 'node:crypto';
import { mkdir, open, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keccak256 } from 'ethers';
import { type Adapter, adapterOf, tensorsOf } from './adapter.ts';
import { readConfig, writeConfig } from './config.ts';
import { LoraError } from './errors.ts';
import { type AdapterLimits, adapterLimits } from './limits.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

/** The two files of a PEFT folder that decide what the adapter computes; others in it are for people. */
export const configFile = 'adapter_config.json';
export const tensorsFile = 'adapter_model.safetensors';

export type AdapterFiles = { readonly config: Uint8Array; readonly tensors: Uint8Array };

/** An adapter, and the hash of the very bytes that it was read from. */
export type LoadedAdapter = Adapter & { readonly hash: `0x${string}` };

/**
 * Reads a PEFT folder.
 *
 * @example const adapter = await readAdapter('adapters/legal')
 * @param expectedHash as the model registry has it; nothing is parsed when the files have another.
 * @throws LoraError when a file is missing, too large, of another hash, or faulty.
 */
export const readAdapter = async (
  folder: string,
  { limits = adapterLimits, expectedHash }: { limits?: AdapterLimits; expectedHash?: string } = {},
): Promise<LoadedAdapter> => {
  const files = await readFiles(folder, limits);
  const hash = hashFiles(files);
  if (expectedHash !== undefined && hash !== expectedHash.toLowerCase()) {
    throw new LoraError(`The adapter in ${folder} has hash ${hash}; expected ${expectedHash}`);
  }
  return { ...parseAdapter(files, limits), hash };
};

/** An adapter from the bytes of its two files. @throws LoraError when they are faulty. */
export const parseAdapter = (files: AdapterFiles, limits: AdapterLimits = adapterLimits): Adapter => {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(files.config);
  } catch {
    throw new LoraError(`${configFile} is not UTF-8`);
  }
  return adapterOf(readConfig(text, limits), readSafetensors(files.tensors, limits), limits);
};

/** The bytes of an adapter's two files: what peft's `save_pretrained` writes. */
export const encodeAdapter = (adapter: Adapter): AdapterFiles => ({
  config: Buffer.from(writeConfig(adapter.config)),
  tensors: writeSafetensors(tensorsOf(adapter)),
});

/** Writes a PEFT folder, which `PeftModel.from_pretrained` loads. @returns its hash. */
export const writeAdapter = async (folder: string, adapter: Adapter): Promise<`0x${string}`> => {
  const files = encodeAdapter(adapter);
  await mkdir(folder, { recursive: true });
  // Whoever reads the folder meanwhile finds whole files.
  for (const [name, bytes] of [
    [tensorsFile, files.tensors],
    [configFile, files.config],
  ] as const) {
    await writeFile(join(folder, `${name}.part`), bytes);
    await rename(join(folder, `${name}.part`), join(folder, name));
  }
  return hashFiles(files);
};

/**
 * The hash by which an adapter version is published on the chain: keccak256 of the lines that `sha256sum` prints for its
 * two files. Anybody can compute it with tools at hand, and hashing the files themselves takes a millisecond a megabyte.
 *
 * @example // the same in a shell, inside the folder
 * // cast keccak "$(sha256sum adapter_config.json adapter_model.safetensors)
 * // "
 */
export const adapterHash = async (folder: string, limits: AdapterLimits = adapterLimits): Promise<`0x${string}`> =>
  hashFiles(await readFiles(folder, limits));

/** `adapterHash` of files at hand. */
export const hashFiles = ({ config, tensors }: AdapterFiles): `0x${string}` => {
  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  return hashDigests({ config: digest(config), tensors: digest(tensors) });
};

/** `adapterHash` of files whose SHA-256 is known: 64 hexadecimal digits each, in lower case. */
export const hashDigests = ({ config, tensors }: Record<keyof AdapterFiles, string>): `0x${string}` =>
  keccak256(Buffer.from(`${config}  ${configFile}\n${tensors}  ${tensorsFile}\n`)) as `0x${string}`;

const readFiles = async (folder: string, limits: AdapterLimits): Promise<AdapterFiles> => ({
  config: await readBounded(folder, configFile, limits.configBytes),
  tensors: await readBounded(folder, tensorsFile, limits.fileBytes),
});

const readBounded = async (folder: string, name: string, limit: number): Promise<Uint8Array> => {
  const file = await open(join(folder, name), 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new LoraError(`${folder} is no PEFT adapter: ${name} is missing`);
  });
  try {
    const { size } = await file.stat();
    if (size > limit) throw new LoraError(`${name} has ${size} bytes; at most ${limit} are read`);
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(bytes, at, size - at, at);
      if (bytesRead === 0) throw new LoraError(`${name} became shorter while it was read`);
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
};
