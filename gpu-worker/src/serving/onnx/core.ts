import type { Hex } from '@openledger/protocol';
import { createBusy } from '../busy.ts';
import { checkRequest } from '../checkRequest.ts';
import { type GenerateRequest, OverloadedError, RequestError } from '../engine.ts';
import { createAdmission } from '../queue/admission.ts';
import { createQueue } from '../queue/queue.ts';
import type { Decoder } from './decoder.ts';
import { createPlaces } from './places.ts';
import { advance, createSequence, isWriting, type Sequence, type Vocabulary } from './sequence.ts';
import type { Event, Work } from './work.ts';

export type CoreOptions = Vocabulary & {
  readonly decoder: Decoder;
  readonly maxWaiting: number;
  /** Tokens of a prompt that are run at once. The same for every prompt: it decides roundings. */
  readonly chunk?: number;
  /** Chunks that may come between two tokens of those who write. */
  readonly chunksInARow?: number;
};

/** A request that is under way. */
type Active = {
  readonly answers: readonly Sequence[];
  /** Its own from the beginning, whatever is unloaded meanwhile; undefined is the base. */
  readonly adapter: Float32Array | undefined;
  /** After the prompt: whichever answer reads it first leaves them to the others. */
  logits: Float32Array | undefined;
};

/** Writes answers with a decoder: continuous batching, a step at a time. */
export const createCore = (options: CoreOptions): Work<GenerateRequest> => {
  const { decoder, maxWaiting, chunk = 64, chunksInARow = 4, ...vocabulary } = options;
  const queue = createQueue<Sequence>();
  const places = createPlaces(decoder);
  const admission = createAdmission({ maxWaiting });
  const busy = createBusy();
  const adapters = new Map<Hex, Float32Array>();
  const requests = new Map<string, Active>();
  const totals = { promptTokens: 0, generatedTokens: 0, swaps: 0, swapMs: 0, swapsSaved: 0 };
  let chunks = 0;

  const leave = (sequence: Sequence) => {
    places.leave(sequence);
    const { id } = sequence.request;
    const isOver = requests.get(id)?.answers.every(({ row, generated }) => row === undefined && generated > 0);
    if (isOver) requests.delete(id);
  };

  /** Gives free rows to those whose turn it is. */
  const admit = () => {
    while (places.free() > 0) {
      const sequence = queue.take();
      if (sequence === undefined) break;
      const { id, prompt } = sequence.request;
      const request = requests.get(id)!;
      const began = performance.now();
      if (places.give(sequence, request.adapter)) totals.swapsSaved++;
      else {
        totals.swaps++;
        totals.swapMs += performance.now() - began;
      }
      queue.charge(sequence, prompt.length);
      const sibling = request.answers.find(
        (other) => other !== sequence && other.row !== undefined && isWriting(other),
      );
      if (sibling !== undefined) {
        decoder.copy(sibling.row!, sequence.row!);
        decoder.truncate(sequence.row!, prompt.length);
        sequence.read = prompt.length;
      }
    }
    admission.see({ free: places.free(), waiting: queue.length() });
  };

  const take = (sequence: Sequence, logits: Float32Array): Event => {
    const piece = advance(sequence, logits, vocabulary);
    totals.generatedTokens++;
    queue.charge(sequence, 2);
    if (piece.finish !== undefined) leave(sequence);
    return { id: sequence.request.id, pieces: [piece] };
  };

  /** The next part of a prompt; after its last, the first token. */
  const read = async (sequence: Sequence): Promise<readonly Event[]> => {
    const { request, row } = sequence;
    const active = requests.get(request.id)!;
    if (sequence.read < request.prompt.length) {
      const tokens = request.prompt.slice(sequence.read, sequence.read + chunk);
      const logits = await decoder.run([{ row: row!, tokens }]);
      totals.promptTokens += tokens.length;
      sequence.read += tokens.length;
      if (sequence.read < request.prompt.length || sequence.row === undefined) return [];
      active.logits = logits.slice(0, decoder.vocabSize);
    }
    return [take(sequence, active.logits!)];
  };

  /** One token for each that writes. */
  const write = async (sequences: readonly Sequence[]): Promise<readonly Event[]> => {
    const ordered = sequences.toSorted((a, b) => a.row! - b.row!);
    const logits = await decoder.run(ordered.map(({ row, next }) => ({ row: row!, tokens: [next!] })));
    return ordered.flatMap((sequence, index) => {
      // Somebody may have been let go of meanwhile.
      if (sequence.row === undefined) return [];
      return [take(sequence, logits.subarray(index * decoder.vocabSize, (index + 1) * decoder.vocabSize))];
    });
  };

  return {
    submit: (request) => {
      checkRequest(request, {
        vocabSize: decoder.vocabSize,
        maxContext: decoder.capacity,
        maxAnswers: decoder.rows + maxWaiting,
      });
      if (request.adapter !== undefined && !adapters.has(request.adapter)) {
        throw new RequestError(`The adapter ${request.adapter} is not loaded`, 'model');
      }
      const isFree = request.n <= admission.room({ free: places.free(), waiting: queue.length() });
      if (!isFree) throw overloaded(queue.length(), places.taken());
      const answers = Array.from({ length: request.n }, (_, choice) =>
        createSequence(request, choice, vocabulary.tokenizer),
      );
      const adapter = request.adapter === undefined ? undefined : adapters.get(request.adapter);
      requests.set(request.id, { answers, adapter, logits: undefined });
      for (const answer of answers) queue.push(answer);
    },
    abort: (id) => {
      queue.remove(id);
      for (const sequence of places.taken()) if (sequence.request.id === id) places.leave(sequence);
      requests.delete(id);
    },
    load: (hash, adapter) => {
      adapters.set(hash, adapter);
    },
    unload: (hash) => {
      adapters.delete(hash);
    },
    hasWork: () => queue.length() > 0 || places.free() < decoder.rows,
    step: () =>
      busy.during(async () => {
        places.closeUp();
        admit();
        const running = places.taken();
        const reader = running.find((sequence) => !isWriting(sequence));
        const writers = running.filter(isWriting);
        const isReadersTurn = reader !== undefined && (writers.length === 0 || chunks < chunksInARow);
        chunks = isReadersTurn ? chunks + 1 : 0;
        if (isReadersTurn) return read(reader);
        return writers.length === 0 ? [] : write(writers);
      }),
    status: () => {
      const running = places.taken();
      const adaptersOf = (sequences: readonly Sequence[]) => [
        ...new Set(sequences.flatMap(({ request }) => request.adapter ?? [])),
      ];
      const used = running.reduce((sum, { row }) => sum + decoder.lengthOf(row!), 0);
      return {
        ...totals,
        running: running.length,
        waiting: queue.length(),
        room: admission.room({ free: places.free(), waiting: queue.length() }),
        cacheUsage: used / (decoder.rows * decoder.capacity),
        busyRatio: busy.ratio(),
        runningAdapters: adaptersOf(running),
        waitingAdapters: adaptersOf(queue.all()),
        loaded: [...adapters.keys()],
      };
    },
  };
};

const overloaded = (waiting: number, running: readonly Sequence[]): OverloadedError => {
  const left = running.map(({ request, generated }) => request.maxTokens - generated);
  // Guessed at 100 tokens a second for each answer; it only has to be of the right size.
  const seconds = Math.ceil(Math.max(0, ...left) / 100);
  return new OverloadedError(
    `${running.length} answers are being written and ${waiting} wait: try again later`,
    Math.min(60, Math.max(1, seconds)),
  );
};
