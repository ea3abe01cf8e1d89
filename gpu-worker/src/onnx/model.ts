/**
 * An ONNX model as plain data: what `onnx.proto` says, without what nobody here needs. Nothing in it is ever changed in
 * place; edits make new values that share what they leave alone. Source: ONNX IR specification, version 10.
 */
export type Model = {
  readonly irVersion: number;
  /** Version of each operator set by its domain; `''` is the standard one. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly producer: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly graph: Graph;
};

/** Nodes stand in an order in which each comes after those it needs. Values are known by their names. */
export type Graph = {
  readonly name: string;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly nodes: readonly Node[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  /** What is known of the values between the nodes. */
  readonly values: ReadonlyMap<string, ValueInfo>;
};

export type Node = {
  readonly name: string;
  readonly op: string;
  /** `''` is the standard operator set. */
  readonly domain: string;
  /** `''` where an optional input is left out. */
  readonly inputs: readonly string[];
  /** `''` where an optional output is left out. */
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
  /** What its exporter noted, such as the module that it belongs to. */
  readonly metadata?: ReadonlyMap<string, string>;
};

export type Attributes = ReadonlyMap<string, Attribute>;

/** Integers beyond 2^53 are refused when a model is read. */
export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: Tensor }
  | { readonly kind: 'graph'; readonly value: Graph }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] };

/** A number, a name that stands for the same unknown number everywhere in the graph, or nothing known. */
export type Dim = number | string | undefined;

export type Shape = readonly Dim[];

export type ValueInfo = {
  readonly name: string;
  readonly type: DataType;
  /** `undefined` when not even the rank is known. */
  readonly shape: Shape | undefined;
};

/** Bytes for each element; the order of the keys is of no meaning. */
export const elementBytes = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  bool: 1,
} as const;

/** Element types that are read and written; strings, complex numbers and the types below one byte are refused by name. */
export type DataType = keyof typeof elementBytes;

/** `data` holds the elements in row-major order, little-endian, whatever way they were stored. */
export type Tensor = {
  readonly type: DataType;
  readonly dims: readonly number[];
  readonly data: Uint8Array;
};

/** Elements of a tensor with these dims. */
export const sizeOf = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);
