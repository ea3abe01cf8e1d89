import type { Command } from '../command.ts';
import type { Context } from '../context.ts';
import { agreesTo } from '../guards/consented.ts';
import { unlessManager } from '../guards/mayManage.ts';
import { type Button, list, type Message, text, title } from '../message.ts';
import { type Subscription, topics } from '../subscriptions.ts';

/** What the bot writes about unasked: to a person alone, or to a channel by those who manage it. */
export const alerts: Command = {
  name: 'alerts',
  fields: [],
  guards: [],
  run: async function* (context) {
    yield { message: await shown(context) };
  },
  actions: {
    on: async function* (context, [topic, target]) {
      const wanted = subscriptionOf(topic, target);
      if (wanted === undefined) return;
      const refusal = await refusalOf(context, wanted);
      if (refusal !== undefined) return yield { message: refusal };
      await context.subscriptions.add(wanted);
      yield { message: await shown(context) };
    },
    off: async function* (context, [topic, target]) {
      const unwanted = subscriptionOf(topic, target);
      if (unwanted === undefined) return;
      const refusal = unwanted.for === 'place' ? unlessManager(context) : undefined;
      if (refusal !== undefined) return yield { message: refusal };
      await context.subscriptions.remove(unwanted);
      yield { message: await shown(context) };
    },
  },
};

const subscriptionOf = (topic: string | undefined, target: string | undefined): Subscription | undefined => {
  const known = topics.find((each) => each === topic);
  return known !== undefined && (target === 'self' || target === 'place') ? { topic: known, for: target } : undefined;
};

/** A person's own need a wallet to be about and consent to be written to; a place's need somebody who manages it. */
const refusalOf = async (context: Context, wanted: Subscription): Promise<Message | undefined> => {
  const { texts, wallet } = context;
  if (wanted.for === 'place') return unlessManager(context);
  const say = (words: string): Message => ({ blocks: [text(words)], isPrivate: true });
  if (wanted.topic !== 'governance' && (await wallet()) === undefined) return say(texts.guards.linked);
  if (await agreesTo(context, 'ALERTS')) return undefined;
  return {
    ...say(texts.commands.alerts.needsConsent),
    buttons: [
      [{ label: texts.guards.read, style: 'main', press: { command: 'consent', action: 'show', args: ['ALERTS'] } }],
    ],
  };
};

const shown = async ({ subscriptions, place, texts }: Context): Promise<Message> => {
  const words = texts.commands.alerts;
  const standing = await subscriptions.list();
  const targets = place.kind === 'group' && place.mayManage ? (['self', 'place'] as const) : (['self'] as const);
  const has = (each: Subscription) => standing.some((one) => one.topic === each.topic && one.for === each.for);
  const buttons = targets.map((target) =>
    topics.map((topic): Button => {
      const isOn = has({ topic, for: target });
      const name = target === 'self' ? words.topics[topic] : words.here(words.topics[topic]);
      return {
        label: isOn ? words.turnOff(name) : words.turnOn(name),
        press: { command: 'alerts', action: isOn ? 'off' : 'on', args: [topic, target] },
      };
    }),
  );
  return {
    blocks: [
      title(words.title),
      text(words.intro),
      list(
        topics.map((topic) => [
          { bold: words.topics[topic] },
          ` · ${has({ topic, for: 'self' }) ? words.on : words.off}`,
          ...(place.kind === 'group' ? [` · ${has({ topic, for: 'place' }) ? words.onHere : words.offHere}`] : []),
        ]),
      ),
    ],
    buttons,
    // What is turned on for everybody here is turned on here: a chat alone with somebody is another place.
    isPrivate: targets.length === 1,
  };
};
