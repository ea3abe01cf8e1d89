import { OnnxError } from './errors.ts';
import { createBudget, type Limits } from './limits.ts';
import type { Graph, Model } from './model.ts';
import { readGraph } from './readGraph.ts';
import { type External, readEntry } from './readTensor.ts';
import { checkVersions } from './versions.ts';
import { integerOf, type Message, messageOf, readFields, textOf, viewOf } from './wire.ts';

export type ReadOptions = {
  readonly limits?: Partial<Limits>;
  /** The bytes of a file with external data by its location, `undefined` where there is none. */
  readonly external?: (location: string) => Uint8Array | undefined;
};

/**
 * Reads an ONNX model. Tensors are views of the given bytes wherever these have them as they are.
 *
 * @throws OnnxError for what is damaged, beyond a limit, or not read here.
 */
export const readModel = (bytes: Uint8Array, { limits, external = () => undefined }: ReadOptions = {}): Model =>
  decodeModel(bytes, limits, (location, where) => {
    const file = external(location);
    if (file === undefined) throw new OnnxError(`${where}: its data is in ${location}, which is not at hand`);
    return plain(file);
  });

/** Of a Node buffer too, so that tensors are alike wherever they come from. */
const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** @throws OnnxError */
export const decodeModel = (bytes: Uint8Array, limits: Partial<Limits> | undefined, external: External): Model => {
  const budget = createBudget(limits);
  const { nameBytes, textBytes, fileBytes } = budget.limits;
  if (bytes.length > fileBytes) {
    throw new OnnxError(`The model's file has ${bytes.length} bytes; at most ${fileBytes} are read`);
  }
  refuseOthers(bytes);
  const root: Message = { bytes: plain(bytes), where: 'model' };
  let irVersion = 0;
  let producer = '';
  let graph: Graph | undefined;
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  readFields(root, {
    1: (field) => {
      irVersion = integerOf(field);
    },
    2: (field) => {
      producer = textOf(field, nameBytes);
    },
    7: (field) => {
      if (graph !== undefined) throw new OnnxError('model: it has two graphs');
      graph = readGraph(messageOf(field, 'graph'), { budget, external });
    },
    8: (field) => {
      budget.spend('attributes', 1, 'model');
      const [domain, version] = readOpset(messageOf(field, 'model, operator set'), nameBytes);
      if (opsets.has(domain)) throw new OnnxError(`model: the operator set '${domain}' is imported twice`);
      opsets.set(domain, version);
    },
    14: (field) => {
      budget.spend('attributes', 1, 'model');
      const [key, value] = readEntry(messageOf(field, 'model, metadata'), textBytes);
      metadata.set(key, value);
    },
    20: (field) => {
      viewOf(field);
      throw new OnnxError('model: training information of ONNX is not read here; export the model for inference');
    },
    25: (field) => {
      viewOf(field);
      throw new OnnxError(
        'model: functions of its own are not read here; inline them (onnx.inliner.inline_local_functions)',
      );
    },
  });
  if (graph === undefined) throw new OnnxError('model: it has no graph; this is no ONNX file or it is cut off');
  checkVersions({ irVersion, opsets });
  return { irVersion, opsets, producer, metadata, graph: withoutDefaults(graph) };
};

const readOpset = (message: Message, nameBytes: number): [domain: string, version: number] => {
  let domain = '';
  let version = 0;
  readFields(message, {
    1: (field) => {
      domain = textOf(field, nameBytes);
    },
    2: (field) => {
      version = integerOf(field);
    },
  });
  return [domain === 'ai.onnx' ? '' : domain, version];
};

/**
 * Initializers that are inputs too could be fed anew at each run, which onnxruntime-node does not offer, and before IR version
 * 4 all had to be: they are read as what they are, weights.
 */
const withoutDefaults = (graph: Graph): Graph => ({
  ...graph,
  inputs: graph.inputs.filter(({ name }) => !graph.initializers.has(name)),
});

const magics: readonly { name: string; hint: string; bytes: readonly number[] }[] = [
  { name: 'a zip archive', hint: 'unpack it first', bytes: [0x50, 0x4b] },
  { name: 'gzip', hint: 'unpack it first', bytes: [0x1f, 0x8b] },
  { name: 'zstd', hint: 'unpack it first', bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: 'xz', hint: 'unpack it first', bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { name: 'GGUF', hint: 'export it to ONNX', bytes: [0x47, 0x47, 0x55, 0x46] },
  { name: 'a Git LFS pointer', hint: 'fetch the file itself', bytes: [...Buffer.from('version https')] },
  { name: 'a web page', hint: 'fetch the file itself', bytes: [0x3c] },
  { name: 'JSON', hint: 'a model is wanted', bytes: [0x7b] },
  { name: 'a Python pickle', hint: 'export it to ONNX', bytes: [0x80] },
];

/** What is often given instead of a model is named; nothing is ever unpacked. */
const refuseOthers = (bytes: Uint8Array): void => {
  if (bytes.length === 0) throw new OnnxError('The file is empty; an ONNX model was expected');
  const other = magics.find((magic) => magic.bytes.every((byte, i) => bytes[i] === byte));
  if (other !== undefined) throw new OnnxError(`The file is ${other.name}, not an ONNX model; ${other.hint}`);
};
