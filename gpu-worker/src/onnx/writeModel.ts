import protobuf from 'protobufjs/minimal.js';
import { typeCodes } from './dataTypes.ts';
import { OnnxError } from './errors.ts';
import type { Attribute, Graph, Model, Node, Tensor, ValueInfo } from './model.ts';

/** Where a tensor's bytes go instead of into the model; `undefined` keeps them in it. */
export type Placement = { readonly location: string; readonly offset: number; readonly length: number };
export type Place = (tensor: Tensor) => Placement | undefined;

type Writer = protobuf.Writer;

const maxBytes = 2 ** 31 - 1;

/**
 * Writes a model as one file. The same model gives the same bytes.
 *
 * @throws OnnxError when it is more than a protocol buffer can hold: write external data then.
 */
export const writeModel = (model: Model): Uint8Array => encodeModel(model, () => undefined);

export const encodeModel = ({ irVersion, opsets, producer, metadata, graph }: Model, place: Place): Uint8Array => {
  let inside = 0;
  for (const tensor of graph.initializers.values()) if (place(tensor) === undefined) inside += tensor.data.length;
  if (inside > maxBytes) {
    throw new OnnxError(`The weights have ${inside} bytes, and a file of ONNX holds ${maxBytes}; write external data`);
  }
  const writer = protobuf.Writer.create();
  integer(writer, 1, irVersion);
  text(writer, 2, producer);
  message(writer, 7, () => writeGraph(writer, graph, place));
  for (const [domain, version] of opsets) {
    message(writer, 8, () => {
      text(writer, 1, domain);
      integer(writer, 2, version);
    });
  }
  for (const [key, value] of metadata) entry(writer, 14, key, value);
  const bytes = writer.finish();
  if (bytes.length > maxBytes) {
    throw new OnnxError(
      `The model has ${bytes.length} bytes, and a file of ONNX holds ${maxBytes}; write external data`,
    );
  }
  // Not a Node buffer: its `slice` would change what was written.
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};

const varint = 0;
const delimited = 2;
const fixed32 = 5;
const tag = (field: number, wire: number): number => (field << 3) | wire;

const message = (writer: Writer, field: number, write: () => void): void => {
  writer.uint32(tag(field, delimited)).fork();
  write();
  writer.ldelim();
};

const integer = (writer: Writer, field: number, value: number): void => {
  writer.uint32(tag(field, varint)).int64(value);
};

/** Always written, even when empty: where it is one of a list, it counts. */
const text = (writer: Writer, field: number, value: string): void => {
  writer.uint32(tag(field, delimited)).string(value);
};

const entry = (writer: Writer, field: number, key: string, value: string): void =>
  message(writer, field, () => {
    text(writer, 1, key);
    text(writer, 2, value);
  });

const writeGraph = (writer: Writer, graph: Graph, place: Place): void => {
  for (const node of graph.nodes) message(writer, 1, () => writeNode(writer, node, place));
  text(writer, 2, graph.name);
  for (const [name, tensor] of graph.initializers) message(writer, 5, () => writeTensor(writer, tensor, place, name));
  for (const input of graph.inputs) message(writer, 11, () => writeValue(writer, input));
  for (const output of graph.outputs) message(writer, 12, () => writeValue(writer, output));
  for (const value of graph.values.values()) message(writer, 13, () => writeValue(writer, value));
};

const writeNode = (writer: Writer, node: Node, place: Place): void => {
  for (const input of node.inputs) text(writer, 1, input);
  for (const output of node.outputs) text(writer, 2, output);
  text(writer, 3, node.name);
  text(writer, 4, node.op);
  for (const [name, attribute] of node.attributes) {
    message(writer, 5, () => writeAttribute(writer, name, attribute, place));
  }
  if (node.domain !== '') text(writer, 7, node.domain);
  for (const [key, value] of node.metadata ?? []) entry(writer, 9, key, value);
};

const kindCodes: Readonly<Record<Attribute['kind'], number>> = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
};

const writeAttribute = (writer: Writer, name: string, attribute: Attribute, place: Place): void => {
  text(writer, 1, name);
  const float = (field: number, value: number) => writer.uint32(tag(field, fixed32)).float(value);
  switch (attribute.kind) {
    case 'float':
      float(2, attribute.value);
      break;
    case 'int':
      integer(writer, 3, attribute.value);
      break;
    case 'string':
      text(writer, 4, attribute.value);
      break;
    case 'tensor':
      message(writer, 5, () => writeTensor(writer, attribute.value, place));
      break;
    case 'graph':
      message(writer, 6, () => writeGraph(writer, attribute.value, place));
      break;
    case 'floats':
      for (const value of attribute.value) float(7, value);
      break;
    case 'ints':
      for (const value of attribute.value) integer(writer, 8, value);
      break;
    case 'strings':
      for (const value of attribute.value) text(writer, 9, value);
      break;
  }
  integer(writer, 20, kindCodes[attribute.kind]);
};

const writeTensor = (writer: Writer, tensor: Tensor, place: Place, name?: string): void => {
  for (const dim of tensor.dims) integer(writer, 1, dim);
  integer(writer, 2, typeCodes[tensor.type]);
  if (name !== undefined) text(writer, 8, name);
  const placement = place(tensor);
  if (placement === undefined) {
    writer.uint32(tag(9, delimited)).bytes(tensor.data);
    return;
  }
  entry(writer, 13, 'location', placement.location);
  entry(writer, 13, 'offset', String(placement.offset));
  entry(writer, 13, 'length', String(placement.length));
  integer(writer, 14, 1);
};

const writeValue = (writer: Writer, { name, type, shape }: ValueInfo): void => {
  text(writer, 1, name);
  message(writer, 2, () =>
    message(writer, 1, () => {
      integer(writer, 1, typeCodes[type]);
      if (shape === undefined) return;
      message(writer, 2, () => {
        for (const dim of shape) {
          message(writer, 1, () => {
            if (typeof dim === 'number') integer(writer, 1, dim);
            else if (dim !== undefined) text(writer, 2, dim);
          });
        }
      });
    }),
  );
};
