import { join } from 'node:path';
import { BaseError, readBase } from '../../base/index.ts';
import { type Model, readModelFile, restoreFloat32 } from '../../onnx/index.ts';
import type { Tokenizer } from '../../tokenizer/index.ts';
import type { Decoder } from './decoder.ts';
import { type Encoder, openEncoder } from './encoder/index.ts';
import { type ModelFolder, readModelFolder } from './folder.ts';
import { openFusedDecoder } from './fused/fusedDecoder.ts';
import type { EngineOptions } from './messages.ts';
import { findOnnxFile } from './onnxFile.ts';
import { openPastDecoder } from './past/index.ts';
import { openOn, openOnBest, probeDecoder, probeEncoder } from './providers/index.ts';

/** A base that is ready to be served: it writes texts, or makes embeddings of them. */
export type Served =
  | {
      /** `onnx-cpu`, `onnx-webgpu`. */
      readonly backend: string;
      readonly decoder: Decoder;
      readonly tokenizer: Tokenizer;
      /** Tokens with which the model ends. */
      readonly endTokens: ReadonlySet<number>;
    }
  | { readonly backend: string; readonly encoder: Encoder };

/**
 * Opens a base in the way that serves it best, on the best provider.
 *
 * @param say is told what an operator should know: how it is served, and which providers were left and why.
 * @throws EngineError, BaseError, OnnxError or TokenizerError when the base cannot be served.
 */
export const openServed = async (options: EngineOptions, say: (line: string) => void): Promise<Served> => {
  const said = new Set<string>();
  const log = (line: string) => {
    if (!said.has(line)) say(line);
    said.add(line);
  };
  const folder = await readModelFolder(options.folder);
  const onnx = await findOnnxFile(options.folder);
  const backendOf = (provider: string): string => {
    log(`${folder.architecture} of ${options.folder} on ${provider}`);
    return `onnx-${provider}`;
  };
  if (folder.kind === 'encoder') {
    const open = await encoderOf({ ...folder, onnx }, options);
    const { provider, opened } = await openOnBest({ ...open, providers: options.providers, probe: probeEncoder, log });
    return { backend: backendOf(provider), encoder: opened };
  }
  const open = await decoderOf({ ...folder, onnx }, options, log);
  const { provider, opened } = await openOnBest({ ...open, providers: options.providers, probe: probeDecoder, log });
  const { tokenizer, endTokens } = folder;
  return { backend: backendOf(provider), decoder: opened, tokenizer, endTokens };
};

type Found = ModelFolder & { readonly onnx: string };

type Opener<Opened> = { readonly openOn: (provider: string) => Promise<Opened> };

const encoderOf = async (
  { onnx, capacity, vocabSize }: Found,
  { threads, maxRank: rank }: EngineOptions,
): Promise<Opener<Encoder>> => {
  const model = await readWide(onnx);
  return {
    openOn: (provider) => openEncoder({ model, capacity, vocabSize, rank, open: openOn({ provider, threads }) }),
  };
};

const decoderOf = async (
  folder: Found,
  { threads, rows, maxRank: rank }: EngineOptions,
  log: (line: string) => void,
): Promise<Opener<Decoder>> => {
  const base = await readOwnBase(folder);
  if (base !== undefined) {
    return {
      openOn: (provider) => openFusedDecoder(base, { rows, rank, threads, open: openOn({ provider, threads }) }),
    };
  }
  const model = await readWide(folder.onnx);
  return {
    openOn: (provider) =>
      openPastDecoder({ model, capacity: folder.capacity, rows, rank, log, open: openOn({ provider, threads }) }),
  };
};

/** A base like the shipped one, whose graph is built here from its weights; of any other model, nothing. */
const readOwnBase = async ({ folder, onnx }: Found) => {
  if (onnx !== join(folder, 'model.onnx')) return undefined;
  try {
    return await readBase(folder);
  } catch (error) {
    if (error instanceof BaseError) return undefined;
    throw error;
  }
};

/** With the weights that are stored in 16 bits and used in 32 as they are used. */
const readWide = async (path: string): Promise<Model> => {
  const model = await readModelFile(path);
  return { ...model, graph: restoreFloat32(model.graph) };
};
