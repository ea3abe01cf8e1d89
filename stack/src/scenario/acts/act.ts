import type { Call } from '../chain.ts';
import type { Content } from '../contents.ts';
import type { PersonaName } from '../personas.ts';
import type { Intent, Policy, Scene } from '../scene.ts';

/** Something that happens once, from some day on. */
export type Act = {
  readonly key: string;
  /** Days after genesis. */
  readonly day: number;
  readonly by: PersonaName;
  readonly say: string;
  readonly done: (scene: Scene) => boolean;
  /** Waits for this; without it only for the day. */
  readonly ready?: (scene: Scene) => boolean;
  readonly calls: (scene: Scene) => readonly Call[];
  readonly contents?: readonly Content[];
};

/** Plays every act whose day has come and that the chain does not show yet. */
export function playActs(acts: readonly Act[]): Policy {
  const settled = new Set<string>();
  return (scene) => {
    const intents: Intent[] = [];
    for (const act of acts) {
      if (scene.day < act.day || settled.has(act.key)) continue;
      if (act.done(scene)) {
        settled.add(act.key);
        continue;
      }
      if (act.ready?.(scene) === false) continue;
      const { by, say, key, contents } = act;
      intents.push({ by, say, key, calls: act.calls(scene), ...(contents === undefined ? {} : { contents }) });
    }
    return intents;
  };
}
