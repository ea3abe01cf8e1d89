/** What the bot writes about unasked. */
export const topics = ['rewards', 'contributions', 'governance'] as const;
export type Topic = (typeof topics)[number];

export type Subscription = {
  readonly topic: Topic;
  /** `self`: to the person alone; `place`: to everybody in the channel or group. */
  readonly for: 'self' | 'place';
};

/** Of a person, and of the place in which they write. */
export type Subscriptions = {
  readonly list: () => Promise<readonly Subscription[]>;
  /** @returns false when it stood already */
  readonly add: (subscription: Subscription) => Promise<boolean>;
  /** @returns false when there was none */
  readonly remove: (subscription: Subscription) => Promise<boolean>;
};
