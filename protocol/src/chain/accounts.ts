import { HDNodeWallet, Mnemonic } from 'ethers';

/** The mnemonic of every local Ethereum node. PUBLICLY KNOWN: its accounts must never hold anything of value. */
export const developmentMnemonic = 'test test test test test test test test test test test junk';

export type DevelopmentAccount = { readonly address: `0x${string}`; readonly privateKey: `0x${string}` };

/**
 * The first `count` accounts of the development mnemonic, which a local chain funds.
 * @example developmentAccounts(2)[0].address // 0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266
 */
export function developmentAccounts(count: number): readonly DevelopmentAccount[] {
  const parent = HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(developmentMnemonic), "m/44'/60'/0'/0");
  return Array.from({ length: count }, (_, index) => {
    const wallet = parent.deriveChild(index);
    return {
      address: wallet.address.toLowerCase() as `0x${string}`,
      privateKey: wallet.privateKey as `0x${string}`,
    };
  });
}
