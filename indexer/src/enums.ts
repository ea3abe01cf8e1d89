/** The name of a Solidity enum's value. @throws when the contract knows more values than we do. */
export const oneOf = <const names extends readonly string[]>(names: names, value: number | bigint): names[number] => {
  const name = names[Number(value)];
  if (name === undefined)
    throw new Error(`Unknown value ${value}: expected 0 to ${names.length - 1} (${names.join(', ')})`);
  return name;
};
