/** Questions and answers that intake takes: short, sound, and unlike each other. */
const subjects: Readonly<Record<string, readonly (readonly [question: string, answer: string])[]>> = {
  bees: [
    [
      'How far do honey bees fly for nectar?',
      'Most stay within two kilometres of the hive, but when flowers are scarce they go up to ten.',
    ],
    [
      'Why do bees dance?',
      'A forager that found food waggles in the direction of it, measured against the sun, so that others find it too.',
    ],
    [
      'What does a beekeeper feed in winter?',
      'Sugar syrup before the frost, and firm fondant later, since syrup would chill the cluster.',
    ],
    [
      'How long does a summer worker live?',
      'About six weeks: three inside the hive, cleaning and nursing, and three outside as a forager.',
    ],
  ],
  bread: [
    [
      'Why does dough rest before it is shaped?',
      'The gluten relaxes, so that the loaf stretches instead of tearing and keeps its shape in the oven.',
    ],
    [
      'What makes a crust crisp?',
      'Steam in the first minutes lets the starch on the surface gelatinise; dry heat afterwards hardens it.',
    ],
    [
      'How is a sourdough starter kept for weeks?',
      'Thick and cold: fed with little water, it sleeps in the refrigerator and wakes within two feedings.',
    ],
    [
      'When is a loaf done?',
      'Tapped on its underside it sounds hollow, and a thermometer in its middle shows ninety-six degrees.',
    ],
  ],
  tides: [
    [
      'Why are there two tides a day?',
      'The Moon pulls the near ocean more and the far ocean less than the Earth between them, so water bulges on both sides.',
    ],
    [
      'What is a spring tide?',
      'At new and full moon the Sun pulls along the same line, and high water stands higher than in other weeks.',
    ],
    [
      'Where are tides largest?',
      'In funnels such as the Bay of Fundy, whose length lets the water swing in time with the Moon.',
    ],
    [
      'How does a tide mill work?',
      'A pond fills through a gate as the sea rises, and its water turns the wheel once the sea has fallen.',
    ],
  ],
  glass: [
    [
      'Why does glass shatter when it is cooled quickly?',
      'Its outside shrinks while its inside is still wide and hot, and the strain between them tears it open.',
    ],
    [
      'What does a glassblower anneal for?',
      'Hours in a slowly cooling kiln let the strain go, so that the vase survives its first winter window.',
    ],
    [
      'How is window glass made flat?',
      'The melt is poured on a bath of liquid tin, where it spreads by itself and hardens with two smooth faces.',
    ],
    [
      'What gives old bottles their green tint?',
      'Iron in the sand; makers who wanted clear ware added manganese, which cancels the colour.',
    ],
  ],
  ink: [
    [
      'What was iron gall ink made of?',
      'Oak galls crushed in wine or water, green vitriol, and gum from the acacia, which kept the black from sinking.',
    ],
    [
      'Why does old writing turn brown?',
      'The iron in it goes on rusting for centuries, and where much of it lies the acid eats through the sheet.',
    ],
    [
      'How did scribes correct a slip of the pen?',
      'They scraped the parchment with a small knife, rubbed the place smooth with pumice, and wrote over it.',
    ],
    [
      'Who first printed with an oily ink?',
      'Gutenberg: watery ink beads on metal type, so he boiled linseed oil with soot until it was as thick as honey.',
    ],
  ],
  looms: [
    [
      'What is the difference between warp and weft?',
      'The warp is stretched along the loom and bears the strain; the weft is carried across it by a shuttle.',
    ],
    [
      'Why is linen wetted while it is woven?',
      'Dry flax is brittle, and damp fibres bend around each other without snapping.',
    ],
    [
      'What does a heddle do?',
      'It lifts chosen threads of the warp, so that a gap opens through which the shuttle flies.',
    ],
    [
      'How was a pattern stored before computers?',
      'On cards with holes, laced into a chain: each card said which threads the loom lifts for one pass.',
    ],
  ],
};

export type Subject = 'bees' | 'bread' | 'tides' | 'glass' | 'looms' | 'ink';

/** JSON Lines about a subject. */
export const jsonl = (subject: Subject): string =>
  subjects[subject]!.map(([question, answer]) => `${JSON.stringify({ question, answer })}\n`).join('');
