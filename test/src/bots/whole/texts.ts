/** What the two members give: each a text of paragraphs, and a file of questions with their answers. */
export type Gift = {
  readonly paragraphs: string;
  readonly pairs: readonly { readonly question: string; readonly answer: string }[];
};

export const aboutBees: Gift = {
  paragraphs: [
    'A colony of honey bees prepares for winter from August on. The queen lays fewer eggs, and the workers that hatch now live for months instead of weeks.',
    'Beekeepers close the flight hole to the width of a finger, so that mice stay outside and a small guard can hold it against wasps.',
    'In frost the bees form a cluster around their queen. Those inside shiver with their flight muscles, those outside keep still, and they change places.',
    'A cluster eats about a kilogram of honey in each month of winter. What is missing by February cannot be made good any more.',
  ].join('\n\n'),
  pairs: [
    {
      question: 'How far do honey bees fly for nectar?',
      answer: 'Most stay within two kilometres of the hive, but when flowers are scarce they go up to ten kilometres.',
    },
    {
      question: 'Why do honey bees dance on the comb?',
      answer:
        'A forager that found food waggles in the direction of it, measured against the sun, so that others find it too.',
    },
    {
      question: 'What does a beekeeper feed in winter?',
      answer: 'Sugar syrup before the frost, and firm fondant later, since syrup would chill the cluster.',
    },
    {
      question: 'How long does a summer worker live?',
      answer: 'About six weeks: three inside the hive, cleaning and nursing, and three outside as a forager.',
    },
  ],
};

export const aboutTides: Gift = {
  paragraphs: [
    'A harbour master reads the tide table twice: once for the height of the water, and once for the stream that runs through the entrance.',
    'Ships that draw more than the channel is deep wait outside on the roads until the flood has lifted them over the bar.',
    'Slack water lasts some twenty minutes. Divers, and pilots of deep vessels, do their work in it.',
    'A wind that blows onto the land for days piles up the sea, and the ebb that the table promised stays away.',
  ].join('\n\n'),
  pairs: [
    {
      question: 'Why are there two tides a day?',
      answer:
        'The Moon pulls the near ocean more and the far ocean less than the Earth between them, so water bulges on both sides.',
    },
    {
      question: 'What is a spring tide?',
      answer:
        'At new and full moon the Sun pulls along the same line, and high water stands higher than in other weeks.',
    },
    {
      question: 'Where are tides largest?',
      answer: 'In funnels such as the Bay of Fundy, whose length lets the water swing in time with the Moon.',
    },
    {
      question: 'How does a tide mill work?',
      answer: 'A pond fills through a gate as the sea rises, and its water turns the wheel once the sea has fallen.',
    },
  ],
};

/** What somebody at a terminal gives, in one line. */
export const aboutBread = [
  'A sourdough starter is flour and water in which wild yeasts and bacteria live.',
  'Fed twice a day at room temperature it doubles within four to six hours, and a spoonful of it then floats on water.',
  'Dough that is left overnight at five degrees rises slowly, tastes of more, and is easier to cut before it goes into the oven.',
  'Steam in the first ten minutes keeps the crust soft, so that the loaf can open along the cut.',
].join(' ');

export const fileOf = ({ pairs }: Gift): Uint8Array =>
  Buffer.from(pairs.map((pair) => `${JSON.stringify(pair)}\n`).join(''));
