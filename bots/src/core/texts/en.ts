/** English: what every other language has to say as well. Functions where something is filled in. */
export const en = {
  locale: 'en',
  shared: {
    notNow: 'That did not work just now. Please try again in a minute.',
    unknownButton: 'This button is too old. Please send the command again.',
    cancel: 'Cancel',
    next: 'Next',
    back: 'Back',
    open: (wei: string) => `${wei} OPEN`,
  },
  guards: {
    linked: 'For this you need a wallet: link yours with /link. It takes a minute and costs nothing.',
    consented: 'Before you send anything, please read what becomes of it, with /consent.',
    cooldown: (seconds: number) => `One moment: please wait ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
    permission: 'Only those who manage this server or group can change that.',
  },
  commands: {
    help: {
      about: 'What I can do',
      title: 'OpenLedger',
      intro: 'Contribute data to models, see what it earns, and ask the models.',
    },
    link: {
      about: 'Link your wallet',
      title: 'Link your wallet',
      explain: 'The page shows these three words too. If it shows others, close it:',
      open: 'Open the page',
      check: 'I have signed',
      waiting: 'No wallet has signed yet. Open the page, sign there, and come back.',
      isYours: (account: string) => `The wallet ${account} signed. Is it yours?`,
      yes: 'Yes, link it',
      no: 'No',
      done: (account: string) =>
        `Linked: I act for ${account} now. Undo it with /unlink, or on your own with your wallet.`,
      refused: 'Nothing was linked.',
      over: 'This link is over. Start again with /link.',
    },
    unlink: {
      about: 'Unlink your wallet',
      done: 'Unlinked. I can no longer act for your wallet.',
      none: 'There is no wallet to unlink.',
    },
    datanets: {
      about: 'What data is collected',
      title: 'Datanets',
      none: 'There are no datanets yet.',
      line: (contributions: string, contributors: string) => `${contributions} contributions by ${contributors} people`,
      more: 'Contribute here',
    },
  },
};

/** Nothing but the words differ between languages. */
export type Texts = Words<typeof en>;

type Words<T> = {
  readonly [Key in keyof T]: T[Key] extends (...args: infer Args) => string
    ? (...args: Args) => string
    : T[Key] extends string
      ? string
      : Words<T[Key]>;
};
