import { ask } from './graphql.js';
import { attempt, hide, show, the, write } from './page.js';
import { accountOf, listWallets, onChain, signText } from './wallets.js';

const token = location.hash.slice(1);
// So that it is in no history and no screenshot.
history.replaceState(undefined, '', location.pathname);
const delegationDays = 90;
const platforms = { DISCORD: 'Discord', TELEGRAM: 'Telegram', TERMINAL: 'the terminal' };
const whyNot = {
  SIGNED: 'A wallet has signed for this link. Go back to the chat and confirm it there.',
  CONFIRMED: 'This link was used already. There is nothing left to do here.',
  REFUSED: 'This link is void: it was refused in the chat, or a newer one was asked for.',
  EXPIRED: 'This link was good for ten minutes, which are over. Ask the bot for a new one with /link.',
};

const finish = (text) => {
  hide('choose');
  hide('delegate');
  write('done', text);
  show('done');
};

const offerDelegation = async (provider, account, session, request) => {
  const expiresAt = new Date(Date.now() + delegationDays * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');
  const goBack = `Signed. Go back to ${platforms[request.platform]} and confirm there that the wallet ${account} is yours.`;
  const leave = async () => {
    await ask('mutation { signOut }', {}, session).catch(() => {});
    finish(goBack);
  };
  const offered = await ask(
    `query($expiresAt: DateTime!) {
      relayerAuthorization(expiresAt: $expiresAt) {
        relayer deadline typedData { domain types primaryType message }
      }
    }`,
    { expiresAt },
    session,
  ).catch(() => undefined);
  // An API that relays nothing.
  if (offered === undefined) return leave();
  const { relayer, deadline, typedData } = offered.relayerAuthorization;
  write('relayer', relayer);
  write('until', new Date(expiresAt).toLocaleDateString());
  hide('choose');
  show('delegate');
  write('state', 'The wallet has signed.');
  the('skip').onclick = () => attempt(leave);
  the('allow').onclick = () =>
    attempt(async () => {
      await onChain(provider, BigInt(typedData.domain.chainId));
      const signature = await provider.request({
        method: 'eth_signTypedData_v4',
        params: [account, JSON.stringify(typedData)],
      });
      await ask(
        `mutation($expiresAt: DateTime!, $deadline: DateTime!, $signature: Hex!) {
          authorizeRelayer(expiresAt: $expiresAt, deadline: $deadline, signature: $signature) { id }
        }`,
        { expiresAt, deadline, signature },
        session,
      );
      await leave();
    });
};

await attempt(async () => {
  if (!/^oll_[\w-]{43}$/.test(token)) {
    write('state', '');
    throw new Error('This page needs a whole link from the bot: ask it for one with /link.');
  }
  const asked = await ask(
    'query($token: String!) { chatLinkRequest(token: $token) { platform userId userName phrase state } }',
    { token },
  );
  const request = asked.chatLinkRequest;
  if (request.state !== 'WAITING') {
    write('state', '');
    throw new Error(whyNot[request.state]);
  }
  write('platform', platforms[request.platform]);
  write('user', `${request.userName} (${request.userId})`);
  write('phrase', request.phrase);
  show('asks');
  show('choose');
  write('state', '');
  listWallets(async (provider) => {
    const account = await accountOf(provider);
    const { chatLinkMessage } = await ask(
      'mutation($token: String!, $address: Address!) { chatLinkMessage(token: $token, address: $address) { message } }',
      { token, address: account },
    );
    const { message } = chatLinkMessage;
    const signature = await signText(provider, message, account);
    const { signChatLink } = await ask(
      `mutation($token: String!, $message: String!, $signature: Hex!) {
        signChatLink(token: $token, message: $message, signature: $signature) { token }
      }`,
      { token, message, signature },
    );
    await offerDelegation(provider, account, signChatLink.token, request);
  });
});
