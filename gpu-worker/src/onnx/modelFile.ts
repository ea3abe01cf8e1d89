import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { OnnxError } from './errors.ts';
import { createExternalFolder } from './externalFolder.ts';
import { defaultLimits, type Limits } from './limits.ts';
import type { Model, Tensor } from './model.ts';
import { decodeModel } from './readModel.ts';
import { encodeModel, type Placement } from './writeModel.ts';

/**
 * Reads a model's file, and the files with external data beside it.
 *
 * @throws OnnxError for what is damaged, beyond a limit, or not read here; also when there is no such file.
 */
export const readModelFile = async (
  path: string,
  { limits }: { readonly limits?: Partial<Limits> } = {},
): Promise<Model> => {
  const all = { ...defaultLimits, ...limits };
  const bytes = await readBounded(path, all.fileBytes);
  return decodeModel(bytes, all, createExternalFolder(dirname(path), all));
};

const readBounded = async (path: string, maxBytes: number): Promise<Uint8Array> => {
  // Without waiting: a pipe in place of a file would block until somebody writes to it.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    throw new OnnxError(`${path} cannot be opened (${error.code}); a model's file was expected there`);
  });
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new OnnxError(`${path} is no file; a model's file was expected there`);
    if (stats.size > maxBytes) throw new OnnxError(`${path} has ${stats.size} bytes; at most ${maxBytes} are read`);
    const bytes = new Uint8Array(stats.size);
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await file.read(bytes, at, Math.min(2 ** 28, bytes.length - at), at);
      if (bytesRead === 0) throw new OnnxError(`${path} became shorter while it was read`);
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
};

export type ExternalOptions = {
  /** Name of the file beside the model. */
  readonly file: string;
  /** Tensors of so many bytes and more are put there. */
  readonly threshold: number;
};

/** Pages of the system, so that runtimes can map the weights instead of reading them. */
const alignment = 4_096;

/**
 * Writes a model's file, with its greater weights in a file of their own beside it where that is asked for. Each file has its
 * name only when it is whole, the model's own last: over an older model, give the weights a name that this one did not have.
 * The same model gives the same bytes.
 *
 * @throws OnnxError when the weights inside are more than a file of ONNX can hold.
 */
export const writeModelFile = async (
  model: Model,
  path: string,
  { external }: { readonly external?: ExternalOptions } = {},
): Promise<void> => {
  const places = external === undefined ? new Map<Tensor, Placement>() : placeAll(model, external);
  const bytes = encodeModel(model, (tensor) => places.get(tensor));
  if (external !== undefined && places.size > 0) {
    await writeWhole(join(dirname(path), external.file), async (write) => {
      for (const [tensor, { offset }] of places) await write(tensor.data, offset);
    });
  }
  await writeWhole(path, (write) => write(bytes, 0));
};

const placeAll = (model: Model, { file, threshold }: ExternalOptions): ReadonlyMap<Tensor, Placement> => {
  if (file === '' || file !== basename(file) || file === '..' || file.includes('\\')) {
    throw new OnnxError(
      `External data cannot be written to '${file}'; the name of a file beside the model belongs there`,
    );
  }
  const places = new Map<Tensor, Placement>();
  let end = 0;
  for (const tensor of model.graph.initializers.values()) {
    if (tensor.data.length < Math.max(1, threshold) || places.has(tensor)) continue;
    const offset = Math.ceil(end / alignment) * alignment;
    places.set(tensor, { location: file, offset, length: tensor.data.length });
    end = offset + tensor.data.length;
  }
  return places;
};

type Write = (bytes: Uint8Array, offset: number) => Promise<void>;

/** All or nothing, also when the machine fails on the way. */
const writeWhole = async (path: string, fill: (write: Write) => Promise<void>): Promise<void> => {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.part`;
  const file = await open(temporary, 'wx');
  try {
    await fill(async (bytes, offset) => {
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await file.write(bytes, at, Math.min(2 ** 28, bytes.length - at), offset + at);
        at += bytesWritten;
      }
    });
    await file.sync();
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
};
