import { attempt, hide, show, the } from './page.js';

/** Wallets of this browser say who they are (EIP-6963); one that cannot is found where it always was. */
const known = new Map();

/**
 * Lists wallets as buttons, those that come later too.
 *
 * @param {(provider: object, name: string) => Promise<void>} choose
 */
export const listWallets = (choose) => {
  const add = (key, name, icon, provider) => {
    if (known.has(key)) return;
    known.set(key, provider);
    const button = document.createElement('button');
    button.type = 'button';
    if (typeof icon === 'string' && icon.startsWith('data:image/')) {
      const image = document.createElement('img');
      image.src = icon;
      image.alt = '';
      button.append(image);
    }
    button.append(name);
    button.addEventListener('click', () => attempt(() => choose(provider, name)));
    the('wallets').append(button);
    hide('none');
  };
  addEventListener('eip6963:announceProvider', ({ detail }) =>
    add(detail.info.uuid, detail.info.name, detail.info.icon, detail.provider),
  );
  dispatchEvent(new Event('eip6963:requestProvider'));
  setTimeout(() => {
    if (known.size === 0 && globalThis.ethereum)
      add('ethereum', 'Wallet of this browser', undefined, globalThis.ethereum);
    if (known.size === 0) show('none');
  }, 500);
};

/** @param {object} provider @returns {Promise<string>} */
export const accountOf = async (provider) => {
  const [account] = await provider.request({ method: 'eth_requestAccounts' });
  if (!account) throw new Error('The wallet shows this page no account.');
  return account;
};

/** @param {object} provider @param {string} message @param {string} account */
export const signText = (provider, message, account) => {
  const hex = `0x${[...new TextEncoder().encode(message)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  return provider.request({ method: 'personal_sign', params: [hex, account] });
};

/** @param {object} provider @param {bigint} chainId */
export const onChain = async (provider, chainId) => {
  const wanted = `0x${chainId.toString(16)}`;
  if (BigInt(await provider.request({ method: 'eth_chainId' })) === chainId) return;
  try {
    await provider.request({ method: 'wallet_switchEthereumChain', params: [{ chainId: wanted }] });
  } catch (error) {
    if (error?.code === 4001) throw error;
    throw new Error(`Choose the chain with the number ${chainId} in your wallet, and try again.`);
  }
};
