import type { workerAdapterStates } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import type { ApiContext } from '../context.ts';
import { userError } from '../errors.ts';
import { throughputs } from '../models/throughput.ts';
import { shownModel } from './model-name.ts';
import type { Question } from './question.ts';

/** A worker reports every five seconds; one that has not for this long is not asked. */
export const SILENT_SECONDS = 20;
/** A voucher that ends sooner is not taken. */
const VOUCHER_MINUTES = 10;

/** A worker that is there and serves what is asked. */
export type Candidate = {
  readonly address: Hex;
  readonly endpoint: string;
  /** The version it is asked for; 0 for the base. */
  readonly version: number;
  /** How close the adapter is to its model; null where it has not said anything of it yet. */
  readonly adapter: (typeof workerAdapterStates)[number] | null;
  readonly requestSlots: number;
  /** Requests that it had, as it said last. */
  readonly running: number;
  readonly waiting: number;
  /** Whether nothing is to be paid there, or a promise of the asking account stands. */
  readonly isPaid: boolean;
};

type Row = Omit<Candidate, 'running' | 'waiting'> & { readonly isReady: boolean };

/**
 * The workers that can be asked.
 *
 * @throws NOT_FOUND when no worker is to serve it; MODEL_UNAVAILABLE when none of those that are to is there
 */
export async function candidatesOf(context: ApiContext, question: Question, account: Hex): Promise<Candidate[]> {
  const { model } = question;
  const isOnChain = model.modelId !== null && model.modelId !== 0n;
  const rows = isOnChain ? await deployedAt(context, model.modelId, model.version, account) : await basesOf(context);
  const wanted = question.worker === undefined ? rows : rows.filter(({ address }) => address === question.worker);
  const where = question.worker === undefined ? '' : ` by worker ${question.worker}`;
  const what = shownModel(model);
  if (isOnChain && wanted.length === 0) {
    throw userError('NOT_FOUND', `${capital(what)} is not served${where}: see deployments for what is.`);
  }
  const there = wanted.filter(({ isReady }) => isReady);
  if (there.length === 0) {
    throw userError(
      'MODEL_UNAVAILABLE',
      `No worker that serves ${what} is ready just now${where && `, ${question.worker} being asked for`}: ask again in a moment.`,
    );
  }
  const newest = Math.max(...there.map(({ version }) => version));
  const offered = there.filter(({ version }) => version === newest);
  return Promise.all(
    offered.map(async ({ isReady: _, ...row }) => {
      const { running, waiting } = await throughputs(context).load(row.address);
      return { ...row, running: running ?? 0, waiting: waiting ?? 0 };
    }),
  );
}

/** Workers with a standing deployment of a version of the model. */
async function deployedAt(
  { app, genesisHash }: ApiContext,
  modelId: bigint,
  version: number | null,
  account: Hex,
): Promise<readonly Row[]> {
  return app.sql<Row[]>`
    select d.worker as address, w.endpoint, d.version, a.state as adapter, w.request_slots as "requestSlots",
      (m.in_per1k = 0 and m.out_per1k = 0) or exists (
        select from app.voucher v where v.genesis_hash = ${genesisHash} and v.payer = ${account} and v.worker = d.worker
          and v.committed < v.cumulative_amount and v.expires_at > now() + make_interval(mins => ${VOUCHER_MINUTES})
      ) as "isPaid",
      coalesce(w.state = 'ready' and w.last_seen_at > now() - make_interval(secs => ${SILENT_SECONDS})
        and w.base_model_hash = m.base_model_id, false) as "isReady"
    from chain.deployment d
    join chain.model m on m.id = d.model_id
    left join app.worker w on w.genesis_hash = ${genesisHash} and w.address = d.worker
    left join app.worker_adapter a on a.genesis_hash = ${genesisHash} and a.worker = d.worker
      and a.model_id = d.model_id and a.model_version = d.version
    where d.active and d.model_id = ${modelId.toString()}::numeric
      and d.version = coalesce(${version}::int, d.version)`;
}

/** Every worker: each answers with its base alone. */
async function basesOf({ app, genesisHash }: ApiContext): Promise<readonly Row[]> {
  return app.sql<Row[]>`
    select address, endpoint, 0 as version, 'loaded' as adapter, request_slots as "requestSlots", true as "isPaid",
      state = 'ready' and last_seen_at > now() - make_interval(secs => ${SILENT_SECONDS}) as "isReady"
    from app.worker where genesis_hash = ${genesisHash}`;
}

const capital = (text: string) => text[0]!.toUpperCase() + text.slice(1);
