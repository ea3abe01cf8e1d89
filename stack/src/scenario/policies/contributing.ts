import { id } from 'ethers';
import { contentUri } from '../contents.ts';
import type { Text } from '../library.ts';
import { type PersonaName, persona } from '../personas.ts';
import { balanceOf, call, chance, happens, type Intent, moment, type Policy, type Scene } from '../scene.ts';
import type { Theme } from '../themes.ts';
import { themes } from '../themes.ts';
import { coincidences, keptForCoincidences } from './coincidences.ts';

/** How a contributor works: from when to when, how often, and how carefully. */
type Habit = {
  readonly name: PersonaName;
  /** Days after genesis. */
  readonly joins: number;
  readonly leaves?: number;
  readonly perDay: number;
  /** Share of what is handed in that is careless: release notes, stubs, copies. */
  readonly careless: number;
  readonly themes: readonly string[];
};

const everywhere = ['TypeScript Handbook', 'Solidity & Smart Contracts', 'Licence Texts', 'Node Operations'];

export const habits: readonly Habit[] = [
  { name: 'fay', joins: 0.5, perDay: 0.7, careless: 0.1, themes: everywhere },
  {
    name: 'gil',
    joins: 1.4,
    leaves: 18,
    perDay: 0.55,
    careless: 0.25,
    themes: ['TypeScript Handbook', 'Licence Texts'],
  },
  { name: 'ada', joins: 1, perDay: 0.25, careless: 0, themes: ['TypeScript Handbook', 'Node Operations'] },
  { name: 'bruno', joins: 1.5, perDay: 0.3, careless: 0, themes: ['Solidity & Smart Contracts'] },
  { name: 'dmitri', joins: 3.5, perDay: 0.2, careless: 0.1, themes: ['Node Operations', 'TypeScript Handbook'] },
  { name: 'edda', joins: 7, perDay: 0.35, careless: 0.1, themes: ['Database Internals'] },
  { name: 'hana', joins: 8, perDay: 0.65, careless: 0.15, themes: ['Solidity & Smart Contracts', 'Node Operations'] },
  { name: 'ivan', joins: 9, leaves: 34, perDay: 0.7, careless: 0.7, themes: everywhere },
  { name: 'jun', joins: 15, perDay: 0.6, careless: 0.15, themes: [...everywhere, 'Database Internals'] },
  { name: 'kofi', joins: 16, perDay: 0.45, careless: 0.1, themes: everywhere },
  {
    name: 'lena',
    joins: 23,
    perDay: 0.6,
    careless: 0.2,
    themes: ['Licence Texts', 'Node Operations', 'Database Internals'],
  },
  { name: 'moira', joins: 30, perDay: 0.8, careless: 0.2, themes: everywhere },
];

/** Contributors hand in the next text of their choice. */
export const contributing: Policy = (scene) => {
  const taken = new Set<string>();
  const intents: Intent[] = [];
  for (const habit of habits) {
    if (scene.day < habit.joins || (habit.leaves !== undefined && scene.day > habit.leaves)) continue;
    if (!happens(scene, habit.perDay, 'contributes', habit.name)) continue;
    const text = nextText(scene, habit, taken);
    if (text === undefined) continue;
    taken.add(text.contentHash);
    const intent = submission(scene, habit.name, text);
    if (intent !== undefined) intents.push(intent);
  }
  for (const { day, contributors, twins } of coincidences(scene.library)) {
    if (scene.day < day) continue;
    const both = [submission(scene, contributors[0], twins.original), submission(scene, contributors[1], twins.copy)];
    intents.push(...both.filter((intent) => intent !== undefined));
  }
  return intents;
};

/** What handing in a text takes; undefined while its datanet is not open or the bond cannot be paid. */
export function submission(scene: Scene, contributor: PersonaName, text: Text): Intent | undefined {
  const { world, contracts } = scene;
  const datanet = datanetOfTheme(scene, text.theme);
  if (datanet === undefined || datanet.status !== 1) return undefined;
  if (world.submitted.has(`${datanet.id}/${text.contentHash}`)) return undefined;
  const relayed = isRelayed(scene, contributor);
  const sender: PersonaName = relayed ? 'rio' : contributor;
  // Five times the bond is what a contributor with upheld disputes may have to put up.
  if (text.theme.minBond > 0n && !mayBond(scene, sender, text.theme.minBond * 5n)) return undefined;
  const uri = contentUri({ hash: text.contentHash });
  const args = [datanet.id, text.contentHash, uri, id(text.provenance.licence), text.rows.length];
  return {
    by: sender,
    calls: [
      relayed
        ? call(contracts, 'DatanetRegistry', 'submitContributionFor', [persona(contributor).address, ...args], 700_000n)
        : call(contracts, 'DatanetRegistry', 'submitContribution', args, 700_000n),
    ],
    contents: [
      {
        hash: text.contentHash,
        mediaType: 'application/jsonl',
        body: text.body,
        provenance: { title: text.title, ...text.provenance, contributedBy: contributor },
      },
    ],
    say: `${contributor} contributed ${text.title} (${text.provenance.licence.replace(/^\((.*)\)$/, '$1')}, ${text.rows.length} rows) to ${text.theme.name}`,
    key: `contribute/${datanet.id}/${text.contentHash}`,
  };
}

/** The careless hand in what they find first: copies of what is there already, then release notes and stubs. */
function choices({ library, world }: Scene, theme: Theme, careless: boolean): readonly Text[] {
  const texts = library.of(theme).filter((text) => text.careless === careless);
  if (!careless) return texts;
  const given = new Set([...world.contributions.values()].map(({ contentHash }) => library.find(contentHash)?.title));
  const isCopy = ({ title, copyOf }: Text) =>
    copyOf !== undefined && given.has(title.replace(/ \(version [^)]*\)$/, ''));
  const rank = (text: Text) => (isCopy(text) ? 0 : text.copyOf === undefined ? 1 : 2);
  return texts.toSorted((a, b) => rank(a) - rank(b));
}

/** rio carries it for whoever allowed that and has not taken it back. */
function isRelayed({ world, now }: Scene, contributor: PersonaName): boolean {
  const account = persona(contributor).address;
  const allowed = world.latest('DatanetRegistry.RelayerAuthorized', { account });
  const revoked = world.latest('DatanetRegistry.RelayerRevoked', { account });
  return allowed !== undefined && allowed.time > (revoked?.time ?? 0) && Number(allowed.args.expiresAt) > now;
}

export function datanetOfTheme({ world }: Scene, theme: Theme) {
  const founder = persona(theme.owner).address;
  const created = world.latest('DatanetRegistry.DatanetCreated', { owner: founder, name: theme.name });
  return created === undefined ? undefined : world.datanets.get(created.args.datanetId);
}

function mayBond({ world, contracts }: Scene, name: PersonaName, amount: bigint): boolean {
  const allowed = world.happened('Open.Approval', {
    owner: persona(name).address,
    spender: contracts.at('StakeManager'),
  });
  return allowed && balanceOf(world, name) >= amount;
}

function nextText(scene: Scene, habit: Habit, taken: ReadonlySet<string>): Text | undefined {
  const careless = chance(moment(scene), habit.name, 'careless') < habit.careless;
  const open = themes.filter(
    (theme) => habit.themes.includes(theme.name) && datanetOfTheme(scene, theme) !== undefined,
  );
  const kept = keptForCoincidences(scene.library);
  const first = Math.floor(chance(moment(scene), habit.name, 'theme') * open.length);
  // The theme of today's choice, then the others in turn; what is left of the other care when one runs out.
  for (const wanted of [careless, !careless]) {
    for (let i = 0; i < open.length; i++) {
      const theme = open[(first + i) % open.length]!;
      const datanet = datanetOfTheme(scene, theme)!;
      const text = choices(scene, theme, wanted).find(
        ({ contentHash }) =>
          !taken.has(contentHash) &&
          !kept.has(contentHash) &&
          !scene.world.submitted.has(`${datanet.id}/${contentHash}`),
      );
      if (text !== undefined) return text;
    }
  }
  return undefined;
}
