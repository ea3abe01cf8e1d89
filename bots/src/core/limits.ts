/** So many times in so many seconds: as many at once, and then one by one as time passes. */
export type Rate = { readonly most: number; readonly seconds: number };

/** Whose times are counted: a person's, a server's or group's, a wallet's over all its chat accounts, and a datanet's over all people. */
export const scopes = ['person', 'place', 'wallet', 'datanet'] as const;
export type Scope = (typeof scopes)[number];
export type Rates = Readonly<Record<Scope, Rate>>;

/** What a person who reads what is answered does not reach, and a program does soon. */
export const usualRates: Rates = {
  person: { most: 60, seconds: 60 },
  place: { most: 600, seconds: 60 },
  /** Of what costs the API or the chain something: giving, reviewing, asking. */
  wallet: { most: 20, seconds: 60 },
  datanet: { most: 120, seconds: 60 },
};

/** Counted over everybody, and over all processes that there are. */
export type Limits = {
  /** @returns seconds to wait; 0 lets it through and counts it. */
  readonly take: (scope: Scope, whose: string) => Promise<number>;
};
