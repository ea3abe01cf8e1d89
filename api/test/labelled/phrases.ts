import { Mnemonic } from 'ethers';

/** The BIP-39 phrase of some hex. */
export const entropyToMnemonic = (hex: string): string => Mnemonic.entropyToPhrase(`0x${hex}`);
