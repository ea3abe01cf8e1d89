export const de = {
  wallets: 'Wallets dieses Browsers',
  with: {
    sign: (name) => `Mit ${name} unterschreiben`,
    claim: (name) => `Mit ${name} abholen`,
    open: (name) => `Mit ${name} fortfahren`,
  },
  oldWallet: 'der Wallet dieses Browsers',
  noWallet:
    'In diesem Browser wurde keine Wallet gefunden. Öffne diese Seite in einem Browser mit Wallet-Erweiterung oder im Browser deiner Wallet.',
  copy: 'Adresse dieser Seite kopieren',
  copied: 'Kopiert.',
  askWallet: 'Schau in deine Wallet: Sie fragt dich etwas.',
  onItsWay: 'Gesendet. Warte auf die Chain …',
  refused: 'Du hast es in der Wallet abgelehnt. Nichts wurde geändert.',
  walletBusy: 'In der Wallet steht schon eine Frage offen. Beantworte sie dort und versuch es noch einmal.',
  unreachable: 'Der Server ist gerade nicht zu erreichen. Versuch es gleich noch einmal.',
  noAccount: 'Die Wallet zeigt dieser Seite kein Konto. Entsperre sie oder gib eines frei.',
  otherChain: (id) =>
    `Deine Wallet ist auf einer anderen Chain. Wähle in ihr die Chain mit der Nummer ${id} und versuch es noch einmal.`,
  notMined: (hash) => `Die Transaktion ${hash} ist gesendet, aber noch in keinem Block. Sieh in deiner Wallet nach.`,
  reverted: (hash) => `Die Chain hat die Transaktion ${hash} abgelehnt.`,
  account: 'Konto',
  link: {
    title: 'Wallet mit deinem Chat-Konto verbinden',
    looking: 'Sehe mir den Link an …',
    chatAccount: 'Chat-Konto, das fragt',
    words: 'Wörter, die der Bot in deinem Chat gezeigt hat',
    compare: 'Sind die Wörter andere, oder kommst du nicht aus deinem eigenen Chat, dann schließ diese Seite.',
    step1: '1. Mit deiner Wallet unterschreiben',
    about1:
      'Du unterschreibst eine Nachricht. Das kostet nichts, sendet keine Transaktion und gibt niemandem deine Schlüssel oder dein Geld.',
    step2: '2. Den Bot Beiträge für dich senden lassen',
    about2:
      'Mit einer zweiten Unterschrift darf der Relayer in deinem Namen einreichen und bewerten, und er zahlt die Gebühren. Von deinem Geld kann er nichts bewegen. Du kannst es jederzeit zurücknehmen.',
    relayer: 'Relayer',
    until: 'Bis',
    allow: 'Auch das unterschreiben',
    skip: 'Nicht jetzt',
    signed: 'Die Wallet hat unterschrieben.',
    done: (platform, account) =>
      `Unterschrieben. Geh zurück zu ${platform} und bestätige dort, dass die Wallet ${account} dir gehört.`,
    notWhole: 'Diese Seite braucht einen ganzen Link vom Bot: Bitte ihn mit /link um einen.',
    platforms: { DISCORD: 'Discord', TELEGRAM: 'Telegram', TERMINAL: 'dem Terminal' },
    over: {
      SIGNED: 'Für diesen Link hat schon eine Wallet unterschrieben. Geh zurück in den Chat und bestätige es dort.',
      CONFIRMED: 'Dieser Link wurde schon benutzt. Hier ist nichts mehr zu tun.',
      REFUSED: 'Dieser Link gilt nicht mehr: Er wurde im Chat abgelehnt, oder es gibt einen neueren.',
      EXPIRED: 'Dieser Link galt zehn Minuten, und die sind vorbei. Bitte den Bot mit /link um einen neuen.',
    },
  },
  claim: {
    title: 'Deine Belohnungen abholen',
    looking: 'Sehe nach, was es abzuholen gibt …',
    earned: 'Verdient',
    claimed: 'Schon abgeholt',
    claimable: 'Jetzt abzuholen',
    anyWallet: 'Jede Wallet darf es senden und zahlt das Gas; die OPEN gehen an das Konto oben und sonst nirgendwohin.',
    nothing: 'Es ist schon alles abgeholt. Neue Belohnungen kommen mit der nächsten Epoche.',
    noEpoch:
      'Es gibt noch nichts abzuholen. Belohnungen lassen sich abholen, sobald die Epoche, in der sie verdient wurden, abgeschlossen und angenommen ist.',
    notWhole: 'Die Adresse dieser Seite nennt kein Konto. Bitte den Bot mit /claim um eine neue.',
    done: (amount, account) => `Ausgezahlt: ${amount} an ${account}.`,
    transaction: (hash) => `Transaktion ${hash}`,
  },
  pay: {
    title: 'Für Antworten zahlen',
    worker: 'Worker, der antwortet',
    least: 'Insgesamt nötig, mit allem bisherigen',
    about:
      'Du versprichst dem Worker, wie viel er höchstens von deinem Guthaben nehmen darf. Er nimmt, was Antworten kosten, und nicht mehr. Das Versprechen gilt eine Woche.',
    signIn: 'Melde dich zuerst mit der verbundenen Wallet an. Das kostet kein Gas und sendet keine Transaktion.',
    otherAccount: (shown, linked) =>
      `Die Wallet zeigt ${shown}; verbunden ist ${linked}. Wähle dieses Konto in deiner Wallet.`,
    deposit: 'Guthaben',
    promised: 'Ihm bisher versprochen',
    taken: 'Von ihm bisher genommen',
    amounts: 'Wie viel darf er insgesamt nehmen?',
    enough: (amount) => `${amount}: gerade genug`,
    lacks: (amount) =>
      `Dafür muss dein Guthaben um ${amount} wachsen: zwei Transaktionen, deren Gas deine Wallet zahlt. Was nicht genommen wird, kannst du zurückholen.`,
    lacksNothing: 'Dein Guthaben reicht dafür. Du unterschreibst und sendest keine Transaktion.',
    tooPoor: (account, needed, has) =>
      `${account} hat ${has}; einzuzahlen sind ${needed}. Besorge mehr OPEN oder versprich weniger.`,
    promise: 'Versprechen',
    depositAndPromise: 'Einzahlen und versprechen',
    done: (amount, account) =>
      `Versprochen: höchstens ${amount}, von ${account}. Geh zurück in den Chat und frag noch einmal.`,
    notWhole: 'Die Adresse dieser Seite nennt keinen Worker und keinen Betrag. Frag den Bot noch einmal mit /ask.',
  },
};
