import type { Tensor } from 'onnxruntime-node';
import type { Extension } from '../decoder.ts';
import type { DecoderGraph } from './graph.ts';

/** What remembers the texts of the rows. */
export type Texts = {
  readonly begin: (row: number) => void;
  /** @returns logits of each extension's last token, one array each. */
  readonly run: (extensions: readonly Extension[]) => Promise<readonly Float32Array[]>;
  readonly truncate: (row: number, length: number) => void;
  readonly copy: (from: number, to: number) => void;
  readonly lengthOf: (row: number) => number;
};

export type TextsOptions = {
  readonly graph: Pick<DecoderGraph, 'past' | 'inputs'>;
  readonly rows: number;
  /** Tokens of a text at most. */
  readonly capacity: number;
  /** Runs the model for these rows with their adapters. @param room that the rows have for what they keep. */
  readonly compute: (
    rows: readonly number[],
    room: number,
    feeds: Readonly<Record<string, Tensor>>,
  ) => Promise<Results>;
};

export type Results = {
  /** `[rows, vocabulary]` */
  readonly logits: Float32Array;
  /** By name of the output. */
  readonly floats: (name: string) => Float32Array;
};
