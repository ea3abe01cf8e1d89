import { attempt, hide, show, Told, the, write } from './page.js';
import { texts } from './texts.js';

/** Wallets of this browser say who they are (EIP-6963); one that cannot is found where it always was. */
const known = new Map();

/** A name as its wallet gives it, on one line, without what turns the reading direction. */
const plain = (name) => [...String(name).replace(/[\p{C}\s]+/gu, ' ')].slice(0, 40).join('').trim();

/**
 * Lists wallets as buttons, those that come later too.
 *
 * @param {(name: string) => string} verb what the button says
 * @param {(provider: object) => Promise<void>} choose
 */
export const listWallets = (verb, choose) => {
  const add = (key, name, maker, icon, provider) => {
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
    const about = document.createElement('small');
    about.textContent = maker;
    button.append(verb(name), about);
    button.addEventListener('click', () => attempt(() => choose(provider)));
    the('wallets').append(button);
    hide('none');
  };
  const old = () => {
    if (known.size === 0 && globalThis.ethereum) add('ethereum', texts.oldWallet, '', undefined, globalThis.ethereum);
  };
  addEventListener('eip6963:announceProvider', ({ detail }) =>
    add(detail.info.uuid, plain(detail.info.name), plain(detail.info.rdns), detail.info.icon, detail.provider),
  );
  addEventListener('ethereum#initialized', old);
  dispatchEvent(new Event('eip6963:requestProvider'));
  setTimeout(() => {
    old();
    if (known.size === 0) show('none');
  }, 500);
};

/** For browsers without a wallet: takes the page elsewhere. @param {string} address */
export const offerCopy = (address) => {
  the('copy').onclick = async () => {
    await navigator.clipboard.writeText(address);
    write('state', texts.copied);
  };
};

/** @param {object} provider @param {string} method @param {unknown[]} params @returns what the wallet's owner agreed to */
const request = async (provider, method, params) => {
  write('state', texts.askWallet);
  const answer = await provider.request({ method, params });
  write('state', '');
  return answer;
};

/** @param {object} provider @returns {Promise<string>} */
export const accountOf = async (provider) => {
  const [account] = (await request(provider, 'eth_requestAccounts', [])) ?? [];
  if (!account) throw new Told(texts.noAccount);
  return account;
};

/** @param {object} provider @param {string} message @param {string} account */
export const signText = (provider, message, account) => {
  const hex = `0x${[...new TextEncoder().encode(message)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  return request(provider, 'personal_sign', [hex, account]);
};

/** @param {object} provider @param {object} typedData EIP-712 @param {string} account */
export const signData = async (provider, typedData, account) => {
  await goToChain(provider, BigInt(typedData.domain.chainId));
  return request(provider, 'eth_signTypedData_v4', [account, JSON.stringify(typedData)]);
};

/** @param {object} provider @param {object} transaction @returns {Promise<string>} its hash, or a contract wallet's own name for it */
export const send = async (provider, { chainId, ...transaction }) => {
  await goToChain(provider, chainId);
  return request(provider, 'eth_sendTransaction', [transaction]);
};

/** @param {object} provider @param {bigint} chainId */
const goToChain = async (provider, chainId) => {
  const isThere = async () => BigInt(await provider.request({ method: 'eth_chainId' })) === chainId;
  if (await isThere()) return;
  try {
    await request(provider, 'wallet_switchEthereumChain', [{ chainId: `0x${chainId.toString(16)}` }]);
  } catch (error) {
    if (error?.code === 4001) throw error;
    throw new Told(texts.otherChain(chainId));
  }
  if (!(await isThere())) throw new Told(texts.otherChain(chainId));
};
