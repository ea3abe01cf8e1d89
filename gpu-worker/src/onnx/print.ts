import { findType } from './dataTypes.ts';
import { decodeElements } from './elements.ts';
import { printable } from './errors.ts';
import type { Attribute, DataType, Dim, Graph, Model, Node, Shape, Tensor, ValueInfo } from './model.ts';
import { sizeOf } from './model.ts';
import { findRepeats, type Repeat } from './repeats.ts';

/**
 * A model for a person: what goes in and out, the weights with those of all layers in one line, then one line a node, repeated
 * layers shown once. Names come from the file and are made harmless for a terminal.
 */
export const printModel = ({ irVersion, opsets, producer, graph }: Model): string => {
  const versions = [...opsets].map(([domain, version]) => `${domain || 'opset'} ${version}`).join(', ');
  const lines = [`${producer || 'A model'}, ${versions}, IR ${irVersion}`, ...printGraph(graph)];
  return `${lines.map(printable).join('\n')}\n`;
};

const printGraph = (graph: Graph): string[] => {
  const infos = new Map<string, ValueInfo>(graph.values);
  for (const info of [...graph.inputs, ...graph.outputs]) infos.set(info.name, info);
  return [
    ...section('inputs', graph.inputs.map(printInfo)),
    ...section('outputs', graph.outputs.map(printInfo)),
    ...section(printTotal(graph), printWeights(graph)),
    ...section(countNodes(graph), printNodes(graph, infos)),
  ];
};

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [title, ...lines.map(indent)];

const countNodes = ({ nodes }: Graph): string => (nodes.length === 1 ? '1 node' : `${nodes.length} nodes`);

const indent = (line: string): string => `  ${line}`;

const printDim = (dim: Dim): string => (dim === undefined ? '?' : String(dim));
const printType = (type: DataType, shape: Shape | undefined): string =>
  shape === undefined ? type : `${type}[${shape.map(printDim).join(', ')}]`;
const printInfo = ({ name, type, shape }: ValueInfo): string => `${name} ${printType(type, shape)}`;

/** What is so small is shown where it is used. */
const inlineElements = 8;
const isInline = ({ dims }: Tensor): boolean => sizeOf(dims) <= inlineElements && dims.length < 2;

const printTotal = ({ initializers }: Graph): string => {
  const tensors = [...initializers.values()];
  const elements = tensors.reduce((sum, { dims }) => sum + sizeOf(dims), 0);
  const bytes = tensors.reduce((sum, { data }) => sum + data.length, 0);
  return `${tensors.length} weights and constants, ${group(elements)} elements, ${group(bytes)} bytes`;
};

const group = (value: number): string => value.toLocaleString('en');

/** Weights whose names differ only in numbers, and that are of one shape, share a line. */
const printWeights = ({ initializers }: Graph): string[] => {
  const lines = new Map<string, { name: string; type: string; numbers: Set<string>; count: number }>();
  for (const [name, tensor] of initializers) {
    if (isInline(tensor)) continue;
    const type = printType(tensor.type, tensor.dims);
    const key = `${name.replace(/\d+/g, '#')} ${type}`;
    const line = lines.get(key) ?? { name, type, numbers: new Set(), count: 0 };
    line.numbers.add(name.match(/\d+/)?.[0] ?? '');
    lines.set(key, { ...line, count: line.count + 1 });
  }
  return [...lines.values()].map(({ name, type, numbers, count }) => {
    if (count === 1) return `${name} ${type}`;
    const sorted = [...numbers].map(Number).sort((a, b) => a - b);
    const isRow = sorted.length === count && sorted.every((value, i) => value === sorted[0]! + i);
    const range = isRow && count > 2 ? `{${sorted[0]}…${sorted.at(-1)}}` : `{${sorted.join(',')}}`;
    return isRow ? `${name.replace(/\d+/, range)} ${type}` : `${name} ${type}, and ${count - 1} alike`;
  });
};

const printNodes = (graph: Graph, infos: ReadonlyMap<string, ValueInfo>): string[] => {
  const lines: string[] = [];
  const print = (from: number, to: number) => {
    for (const node of graph.nodes.slice(from, to)) lines.push(...printNode(node, graph, infos));
  };
  let at = 0;
  for (const repeat of findRepeats(graph.nodes.map((node) => kindOf(node, graph)))) {
    print(at, repeat.start + repeat.length);
    lines.push(printRepeat(repeat, graph));
    at = repeat.start + repeat.length * repeat.count;
  }
  print(at, graph.nodes.length);
  return lines;
};

/** What two nodes have in common that do the same with other values. */
const kindOf = (node: Node, { initializers }: Graph): string => {
  const inputs = node.inputs.map((input) => {
    const tensor = initializers.get(input);
    if (tensor === undefined) return input === '' ? '' : 'value';
    return isInline(tensor) ? printTensor(tensor) : printType(tensor.type, tensor.dims);
  });
  return [node.domain, node.op, ...inputs, ...printAttributes(node)].join(' ');
};

const printRepeat = ({ start, length, count }: Repeat, { nodes, initializers }: Graph): string => {
  const names = (block: number) =>
    nodes
      .slice(start + block * length, start + (block + 1) * length)
      .flatMap((node) => [...node.inputs.filter((input) => initializers.has(input)), node.name, ...node.outputs]);
  const second = names(1);
  const last = names(count - 1);
  const label = names(0).flatMap((name, i) => findLabel(name, second[i] ?? '', last[i] ?? '') ?? [])[0];
  const blocks = count === 2 ? '1 more block' : `${count - 1} more blocks`;
  const of = `${blocks} of the ${length} ${length === 1 ? 'node' : 'nodes'} above`;
  return label === undefined ? `… ${of}` : `… ${label}: ${of}`;
};

/** `layers.1 … layers.3` from names like `model.layers.0.mlp.weight`, when the first number that differs counts the blocks. */
const findLabel = (first: string, second: string, last: string): string | undefined => {
  const parts = [first, second, last].map((name) => name.split(/(\d+)/));
  const at = parts[0]!.findIndex((part, i) => part !== parts[1]![i]);
  const [from, next, to] = parts.map((part) => Number(part[at]));
  const isCount =
    at > 0 && at % 2 === 1 && next === from! + 1 && parts[2]!.slice(0, at).join() === parts[0]!.slice(0, at).join();
  const word = isCount ? parts[0]![at - 1]!.match(/[a-z]{1,30}[./_]?$/i)?.[0] : undefined;
  if (word === undefined) return undefined;
  return next === to ? `${word}${next}` : `${word}${next} … ${word}${to}`;
};

const printNode = (node: Node, graph: Graph, infos: ReadonlyMap<string, ValueInfo>): string[] => {
  const outputs = node.outputs.map((output) => {
    const info = infos.get(output);
    return info === undefined ? output || '_' : printInfo(info);
  });
  const inputs = node.inputs.map((input) => {
    const tensor = graph.initializers.get(input);
    return tensor === undefined || !isInline(tensor) ? input || '_' : printTensor(tensor);
  });
  const op = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
  const line = `${outputs.join(', ')} = ${op}(${[...inputs, ...printAttributes(node)].join(', ')})`;
  const inside = [...node.attributes].flatMap(([name, attribute]) =>
    attribute.kind === 'graph' ? [`${name}:`, ...printGraph(attribute.value).map(indent)] : [],
  );
  return [line, ...inside.map(indent)];
};

const printAttributes = ({ op, attributes }: Node): string[] =>
  [...attributes].map(([name, attribute]) => {
    const type = op === 'Cast' && name === 'to' && attribute.kind === 'int' ? findType(attribute.value) : undefined;
    return `${name}: ${type ?? printAttribute(attribute)}`;
  });

const mostItems = 16;

const printAttribute = (attribute: Attribute): string => {
  switch (attribute.kind) {
    case 'int':
    case 'float':
      return printNumber(attribute.value);
    case 'string':
      return quote(attribute.value);
    case 'tensor':
      return printTensor(attribute.value);
    case 'graph':
      return `a graph of ${countNodes(attribute.value)}`;
    case 'strings':
      return printList(attribute.value.length, attribute.value.slice(0, mostItems).map(quote));
    default:
      return printList(attribute.value.length, attribute.value.slice(0, mostItems).map(printNumber));
  }
};

const quote = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);

const printList = (length: number, shown: readonly string[]): string =>
  `[${shown.join(', ')}${length > shown.length ? `, … ${length} in all` : ''}]`;

const printTensor = (tensor: Tensor): string => {
  if (!isInline(tensor)) return printType(tensor.type, tensor.dims);
  const elements = decodeElements(tensor, inlineElements).map(printNumber);
  return tensor.dims.length === 0 ? `${elements[0]} ${tensor.type}` : `[${elements.join(', ')}] ${tensor.type}`;
};

/** As many digits as a float32 has. */
const printNumber = (value: number | bigint): string =>
  typeof value === 'bigint' || Number.isSafeInteger(value) ? String(value) : String(Number(value.toPrecision(7)));
