import { OnnxError } from './errors.ts';
import type { Attribute, Graph, Node, Tensor, ValueInfo } from './model.ts';
import { type Reading, readEntry, readTensor } from './readTensor.ts';
import { readValue, withType } from './readValue.ts';
import {
  eachSafeInteger,
  type Field,
  fixedBytes,
  floatOf,
  integerOf,
  type Message,
  messageOf,
  peekCount,
  readFields,
  textOf,
} from './wire.ts';

/** @throws OnnxError for what is damaged, beyond a limit, or not read here. */
export const readGraph = (message: Message, reading: Reading, depth = 0): Graph => {
  const { limits, spend } = reading.budget;
  const { where } = message;
  if (depth > limits.depth)
    throw new OnnxError(`${where}: graphs stand ${depth} deep in each other; at most ${limits.depth} are read`);
  let name = '';
  const inputs: ValueInfo[] = [];
  const outputs: (Omit<ValueInfo, 'type'> & { type: ValueInfo['type'] | undefined })[] = [];
  const nodes: Node[] = [];
  const initializers = new Map<string, Tensor>();
  const values = new Map<string, ValueInfo>();
  readFields(message, {
    1: (field) => {
      spend('nodes', 1, where);
      nodes.push(readNode(messageOf(field, `${where}, node ${nodes.length}`), reading, depth));
    },
    2: (field) => {
      name = textOf(field, limits.nameBytes);
    },
    5: (field) => {
      spend('initializers', 1, where);
      const { name: initializer, tensor } = readTensor(
        messageOf(field, `${where}, initializer ${initializers.size}`),
        reading,
      );
      if (initializers.has(initializer)) throw new OnnxError(`${where}: two initializers are named ${initializer}`);
      initializers.set(initializer, tensor);
    },
    11: (field) => {
      spend('values', 1, where);
      inputs.push(withType(readValue(messageOf(field, `${where}, input ${inputs.length}`), reading)));
    },
    12: (field) => {
      spend('values', 1, where);
      outputs.push(readValue(messageOf(field, `${where}, output ${outputs.length}`), reading));
    },
    13: (field) => {
      spend('values', 1, where);
      const value = readValue(messageOf(field, `${where}, value ${values.size}`), reading, true);
      if (value.type !== undefined) values.set(value.name, withType(value));
    },
    15: () => {
      throw new OnnxError(`${where}: sparse initializers are not read here; store them dense`);
    },
  });
  return {
    name,
    inputs,
    outputs: outputs.map((output) =>
      withType({
        ...output,
        type: output.type ?? initializers.get(output.name)?.type ?? values.get(output.name)?.type,
      }),
    ),
    nodes,
    initializers,
    values,
  };
};

const readNode = (message: Message, reading: Reading, depth: number): Node => {
  const { limits, spend } = reading.budget;
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, Attribute>();
  const metadata = new Map<string, string>();
  let name = '';
  let op = '';
  let domain = '';
  const edge = (field: Field): string => {
    spend('edges', 1, message.where);
    return textOf(field, limits.nameBytes);
  };
  readFields(message, {
    1: (field) => inputs.push(edge(field)),
    2: (field) => outputs.push(edge(field)),
    3: (field) => {
      name = textOf(field, limits.nameBytes);
    },
    4: (field) => {
      op = textOf(field, limits.nameBytes);
    },
    5: (field) => {
      spend('attributes', 1, message.where);
      const where = `${message.where}${op && ` (${op}${name && ` ${name}`})`}`;
      const [key, attribute] = readAttribute(messageOf(field, where), reading, depth);
      if (attributes.has(key)) throw new OnnxError(`${where}: the attribute ${key} is given twice`);
      attributes.set(key, attribute);
    },
    7: (field) => {
      domain = textOf(field, limits.nameBytes);
    },
    9: (field) => {
      spend('attributes', 1, message.where);
      const [key, value] = readEntry(messageOf(field, message.where), limits.textBytes);
      if (key !== stackTrace) metadata.set(key, value);
    },
    8: (field) => {
      const overload = textOf(field, limits.nameBytes);
      if (overload !== '')
        throw new OnnxError(`${message.where}: overloads of functions are not read here; inline them`);
    },
  });
  // Both names mean the standard operator set.
  return {
    name,
    op,
    domain: domain === 'ai.onnx' ? '' : domain,
    inputs,
    outputs,
    attributes,
    ...(metadata.size > 0 && { metadata }),
  };
};

/** Lines of the exporter's own program, longer than all else that is said of a node. */
const stackTrace = 'pkg.torch.onnx.stack_trace';

const kinds = new Map<number, Attribute['kind']>([
  [1, 'float'],
  [2, 'int'],
  [3, 'string'],
  [4, 'tensor'],
  [5, 'graph'],
  [6, 'floats'],
  [7, 'ints'],
  [8, 'strings'],
]);
const refusedKinds = new Map([
  [9, 'tensors'],
  [10, 'graphs'],
  [11, 'sparse tensor'],
  [12, 'sparse tensors'],
  [13, 'type'],
  [14, 'types'],
]);

const readAttribute = (message: Message, reading: Reading, depth: number): [name: string, attribute: Attribute] => {
  const { limits, spend } = reading.budget;
  const { where } = message;
  let name = '';
  let code = 0;
  let one: Attribute | undefined;
  const floats: number[] = [];
  const ints: number[] = [];
  const strings: string[] = [];
  const found = new Set<number>();
  const items = (field: Field, bytesEach?: number) => spend('listItems', peekCount(field, bytesEach), where);
  const text = (field: Field) => textOf(field, limits.textBytes, `the attribute ${name}`);
  readFields(message, {
    1: (field) => {
      name = textOf(field, limits.nameBytes);
    },
    2: (field) => {
      one = { kind: 'float', value: floatOf(field) };
    },
    3: (field) => {
      one = { kind: 'int', value: integerOf(field) };
    },
    4: (field) => {
      one = { kind: 'string', value: text(field) };
    },
    5: (field) => {
      one = { kind: 'tensor', value: readTensor(messageOf(field, `${where}, attribute ${name}`), reading).tensor };
    },
    6: (field) => {
      one = { kind: 'graph', value: readGraph(messageOf(field, `${where}, attribute ${name}`), reading, depth + 1) };
    },
    7: (field) => {
      items(field, 4);
      found.add(6);
      const bytes = fixedBytes(field, 4);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let at = 0; at < bytes.length; at += 4) floats.push(view.getFloat32(at, true));
    },
    8: (field) => {
      items(field);
      found.add(7);
      eachSafeInteger(field, (value) => ints.push(value));
    },
    9: (field) => {
      spend('listItems', 1, where);
      found.add(8);
      strings.push(text(field));
    },
    20: (field) => {
      code = integerOf(field);
    },
    21: (field) => {
      const reference = textOf(field, limits.nameBytes);
      if (reference !== '')
        throw new OnnxError(
          `${where}: the attribute ${name} refers to ${reference} of a function; inline functions first`,
        );
    },
  });
  const at = `${where}: the attribute ${name}`;
  const kind = kinds.get(code);
  // Before IR version 2 no type was written: it is that of the field that is there.
  if (code === 0) {
    const [list] = found;
    if (one !== undefined) return [name, one];
    if (list === undefined) throw new OnnxError(`${at} has no type and no value`);
    return [name, listOf(kinds.get(list)!, floats, ints, strings)];
  }
  if (kind === undefined) {
    throw new OnnxError(`${at} is of kind ${refusedKinds.get(code) ?? code}, which is not read here`);
  }
  if (kind === 'floats' || kind === 'ints' || kind === 'strings') return [name, listOf(kind, floats, ints, strings)];
  // What is its default, 0 or empty, may be left out of the file.
  const value = one ?? defaults[kind];
  if (value?.kind !== kind)
    throw new OnnxError(`${at} is of kind ${kind}; ${one === undefined ? 'nothing' : `a ${one.kind}`} is stored`);
  return [name, value];
};

const defaults: Partial<Record<Attribute['kind'], Attribute>> = {
  float: { kind: 'float', value: 0 },
  int: { kind: 'int', value: 0 },
  string: { kind: 'string', value: '' },
};

const listOf = (kind: Attribute['kind'], floats: number[], ints: number[], strings: string[]): Attribute =>
  kind === 'floats'
    ? { kind, value: floats }
    : kind === 'ints'
      ? { kind, value: ints }
      : { kind: 'strings', value: strings };
