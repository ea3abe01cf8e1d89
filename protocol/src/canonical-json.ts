import canonicalize from 'canonicalize';

/** RFC 8785 canonical JSON: the one text of a value, whatever the order its fields were written in. */
export function canonicalJson(value: unknown): string {
  return canonicalize(value)!;
}
