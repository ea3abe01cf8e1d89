import { badInput } from '../errors.ts';
import { MAX_PAGE } from '../schema/builder.ts';

/** @throws BAD_USER_INPUT for a page size that is not served */
export function checkPageSize(
  place: string,
  { first, last }: { readonly first?: number | null | undefined; readonly last?: number | null | undefined },
): void {
  if (first != null && last != null) {
    throw badInput(`${place}: first and last cannot be given together: choose one end.`);
  }
  for (const [name, size] of [['first', first] as const, ['last', last] as const]) {
    if (size != null && (size < 0 || size > MAX_PAGE))
      throw badInput(`${place}: ${name} is ${size}: expected 0 to ${MAX_PAGE}.`);
  }
}
