/** 0x-prefixed hexadecimal bytes: an address (20), a hash (32), a signature (65 or whatever a contract wallet takes). */
export type Hex = `0x${string}`;
