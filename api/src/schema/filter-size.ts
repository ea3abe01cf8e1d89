import { badInput } from '../errors.ts';

/** What a filter may hold at most: its conditions, and how deep `and`, `or` and `not` nest in it. */
export const filterLimits = { conditions: 100, nesting: 5, containsLength: 100 };

/** A condition on text inside other text has no index to help it. */
const CONTAINS = 50;
/** Values of `in` that cost as much as one condition. */
const VALUES = 10;

type Size = { readonly conditions: number; readonly nesting: number; readonly price: number };
type Parts = Readonly<Record<string, unknown>>;

/** Measures a filter as a client sent it, however deep, in time linear in its size. */
export function sizeOf(filter: Parts): Size {
  let level: Parts[] = [filter];
  let nesting = 0;
  let conditions = 0;
  let price = 0;
  while (level.length > 0) {
    const inner: Parts[] = [];
    for (const part of level) {
      for (const [field, value] of Object.entries(part)) {
        if (typeof value !== 'object' || value === null) continue;
        if (field === 'and' || field === 'or') inner.push(...(value as Parts[]).filter((one) => one !== null));
        else if (field === 'not') inner.push(value as Parts);
        else {
          for (const [operator, operand] of Object.entries(value)) {
            conditions += 1;
            price += operator === 'contains' ? CONTAINS : Array.isArray(operand) ? 1 + operand.length / VALUES : 1;
          }
        }
      }
    }
    if (inner.length > 0) nesting += 1;
    level = inner;
  }
  return { conditions, nesting, price: Math.ceil(price) };
}

/** @throws BAD_USER_INPUT naming what is too large; `path` names the filter in errors */
export function checkSize(filter: Parts, path: string): void {
  const { conditions, nesting } = sizeOf(filter);
  if (conditions > filterLimits.conditions) {
    throw badInput(`${path} has ${conditions} conditions; at most ${filterLimits.conditions} are taken.`);
  }
  if (nesting > filterLimits.nesting) {
    throw badInput(`${path} nests and, or and not ${nesting} levels deep; at most ${filterLimits.nesting} are taken.`);
  }
}
