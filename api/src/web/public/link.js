import { ask, chainTime, isoOf } from './graphql.js';
import { attempt, fill, goOnAt, hide, show, Told, the, write } from './page.js';
import { language, texts } from './texts.js';
import { accountOf, listWallets, offerCopy, signData, signText } from './wallets.js';

const words = texts.link;
// Where reloading finds it, and no screenshot or list of visited pages does.
const token = location.hash.slice(1) || (history.state?.token ?? '');
history.replaceState({ token }, '', location.pathname + location.search);
const delegationDays = 90;

const finish = (text) => {
  hide('choose');
  hide('delegate');
  write('state', '');
  write('done', text);
  goOnAt('done');
};

const offerDelegation = async (provider, account, session, { platform }) => {
  const leave = async () => {
    await ask('mutation { signOut }', {}, session).catch(() => {});
    finish(words.done(words.platforms[platform], account));
  };
  const expiresAt = isoOf((await chainTime()) + delegationDays * 86_400_000);
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
  write('until', new Date(expiresAt).toLocaleDateString(language, { dateStyle: 'long' }));
  write('state', words.signed);
  hide('choose');
  goOnAt('delegate');
  the('skip').onclick = () => attempt(leave);
  the('allow').onclick = () =>
    attempt(async () => {
      const signature = await signData(provider, typedData, account);
      await ask(
        `mutation($expiresAt: DateTime!, $deadline: DateTime!, $signature: Hex!) {
          authorizeRelayer(expiresAt: $expiresAt, deadline: $deadline, signature: $signature) { key }
        }`,
        { expiresAt, deadline, signature },
        session,
      );
      await leave();
    });
};

fill(words);
await attempt(async () => {
  if (!/^oll_[\w-]{43}$/.test(token)) throw new Told(words.notWhole);
  write('state', words.looking);
  const { chatLinkRequest: request } = await ask(
    'query($token: String!) { chatLinkRequest(token: $token) { platform userId userName phrase state } }',
    { token },
  );
  if (request.state !== 'WAITING') throw new Told(words.over[request.state]);
  write('user', `${words.platforms[request.platform]} · ${request.userName} (${request.userId})`);
  write('phrase', request.phrase);
  show('asks');
  show('choose');
  write('state', '');
  offerCopy(`${location.href}#${token}`);
  listWallets(texts.with.sign, async (provider) => {
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
