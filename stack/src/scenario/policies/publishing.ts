import { datanetTree } from '@openledger/protocol';
import { contentUri, jsonContent } from '../contents.ts';
import { personaAt } from '../personas.ts';
import { call, days, happens, type Intent, type Policy } from '../scene.ts';
import type { Datanet, World } from '../world.ts';

/** Owners publish a new version when enough has changed since the last one. */
export const publishing: Policy = (scene) => {
  const { world, contracts, now, live } = scene;
  const intents: Intent[] = [];
  for (const datanet of world.datanets.values()) {
    const owner = personaAt(datanet.owner)?.name;
    if (owner === undefined || datanet.changes < (live ? 3 : 6)) continue;
    if (!live && datanet.publishedAt !== undefined && now - datanet.publishedAt < 3 * days) continue;
    if (!happens(scene, 2, 'publishes', datanet.id)) continue;
    const version = nextVersion(world, datanet);
    if (version === undefined) continue;
    const { root, contributions, rows } = version;
    const list = jsonContent({
      schema: 'openledger.version/1',
      datanet: datanet.name,
      dataRoot: root,
      contributions: contributions.map(({ id, contentHash }) => ({ id: id.toString(), contentHash })),
    });
    const args = [datanet.id, root, contributions.length, rows, contentUri(list)];
    intents.push({
      by: owner,
      calls: [call(contracts, 'DatanetRegistry', 'publishVersion', args, 250_000n)],
      contents: [list],
      say: `${owner} published version ${datanet.versions + 1} of ${datanet.name}: ${contributions.length} contributions, ${rows} rows`,
      key: `publish/${datanet.id}/${root}`,
    });
  }
  return intents;
};

/** What a datanet's next version holds: everything accepted now, in the order it came. */
function nextVersion(world: World, datanet: Datanet) {
  const contributions = [...world.contributions.values()].filter(
    ({ datanetId, status }) => datanetId === datanet.id && status === 'accepted',
  );
  if (contributions.length === 0) return undefined;
  return {
    root: datanetTree(contributions.map(({ id, contentHash }) => ({ contributionId: id, contentHash }))).root,
    contributions,
    rows: contributions.reduce((sum, { rows }) => sum + rows, 0n),
  };
}
