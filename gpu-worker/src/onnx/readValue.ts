import { findType, typeOf } from './dataTypes.ts';
import { OnnxError } from './errors.ts';
import type { Dim, Shape, ValueInfo } from './model.ts';
import type { Reading } from './readTensor.ts';
import { type Field, integerOf, type Message, messageOf, readFields, textOf, viewOf } from './wire.ts';

/** @throws OnnxError where no type is given. */
export const withType = ({ name, type, shape }: Untyped): ValueInfo => {
  if (type === undefined)
    throw new OnnxError(`value ${name}: its type is not given; a tensor's element type belongs there`);
  return { name, type, shape };
};

export type Untyped = {
  readonly name: string;
  readonly type: ValueInfo['type'] | undefined;
  readonly shape: Shape | undefined;
};

/** What is only noted of a value may be of a type that is not read here; it is left out. */
export const readValue = (message: Message, reading: Reading, isNote = false): Untyped => {
  const { limits } = reading.budget;
  const { where } = message;
  let name = '';
  let type: ValueInfo['type'] | undefined;
  let shape: Shape | undefined;
  const refuse = (what: string) => () => {
    if (!isNote) throw new OnnxError(`${where}${name && ` (${name})`}: a ${what} is not read here; only tensors are`);
  };
  const skip = (what: string) => (field: Field) => {
    refuse(what)();
    viewOf(field);
  };
  readFields(message, {
    1: (field) => {
      name = textOf(field, limits.nameBytes);
    },
    2: (field) =>
      readFields(messageOf(field, where), {
        1: (tensorType) =>
          readFields(messageOf(tensorType, where), {
            1: (element) => {
              const code = integerOf(element);
              type = isNote ? findType(code) : code === 0 ? undefined : typeOf(code, name || where);
            },
            2: (dims) => {
              shape = readShape(messageOf(dims, name || where), limits.rank, limits.nameBytes);
            },
          }),
        4: skip('sequence'),
        5: skip('map'),
        8: skip('sparse tensor'),
        9: skip('optional'),
      }),
  });
  return { name, type, shape };
};

const readShape = (message: Message, maxRank: number, nameBytes: number): Shape => {
  const shape: Dim[] = [];
  readFields(message, {
    1: (field) => {
      if (shape.length === maxRank) throw new OnnxError(`${message.where}: it has more than ${maxRank} dims`);
      let dim: Dim;
      readFields(messageOf(field, message.where), {
        1: (value) => {
          dim = integerOf(value);
          if (dim < 0)
            throw new OnnxError(`${message.where}: ${dim} is no dim; 0 or more, a name, or nothing belongs there`);
        },
        2: (value) => {
          dim = textOf(value, nameBytes) || undefined;
        },
      });
      shape.push(dim);
    },
  });
  return shape;
};
