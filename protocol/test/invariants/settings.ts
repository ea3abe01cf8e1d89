/** A setting of the fuzz from the environment. @throws Error naming the variable when it is not a whole number. */
export function wholeNumber(name: 'FUZZ_SEED' | 'FUZZ_CALLS', otherwise: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return otherwise;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`${name} is ${JSON.stringify(text)}; it must be a whole number above zero, for example 1000.`);
}
