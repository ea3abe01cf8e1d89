import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

export type Level = 'debug' | 'info' | 'warn' | 'error';

const rank: Readonly<Record<Level, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
const palette = [36, 35, 34, 33, 32, 96, 95, 94];
const maxLogBytes = 10_000_000;

/** Prints what services say behind their names, and keeps all of it in a file for each. */
export type Log = {
  write(service: string, level: Level, message: string): void;
  /** A line as a child process printed it: pino or Ponder JSON is read, anything else is taken as it is. */
  line(service: string, text: string): void;
  /** From now on what parts say is kept but not printed: while they are being stopped it is no news. */
  hush(): void;
};

export type LogOptions = {
  /** Where each service's whole output is kept. */
  folder: string;
  /** The least level that is printed. */
  level: Level;
  /** Services whose ordinary lines are kept but not printed: they would say something at every block. */
  quiet?: readonly string[];
  print: (line: string) => void;
  color: boolean;
};

export function createLog({ folder, level, quiet = [], print, color }: LogOptions): Log {
  let hushed = false;
  mkdirSync(folder, { recursive: true });
  const colors = new Map<string, number>();
  const rotated = new Set<string>();

  const paint = (service: string) => {
    const name = service.padEnd(9);
    if (!color) return name;
    const code = colors.get(service) ?? palette[colors.size % palette.length]!;
    colors.set(service, code);
    return `\u001b[${code}m${name}\u001b[0m`;
  };

  const keep = (service: string, text: string) => {
    const file = join(folder, `${service}.log`);
    if (!rotated.has(service)) {
      rotated.add(service);
      if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > maxLogBytes) renameSync(file, `${file}.1`);
    }
    appendFileSync(file, `${text}\n`);
  };

  const show = (service: string, lineLevel: Level, message: string) => {
    if (rank[lineLevel] < rank[level]) return;
    const mark = lineLevel === 'error' ? 'error: ' : lineLevel === 'warn' ? 'warning: ' : '';
    print(`${new Date().toTimeString().slice(0, 8)}  ${paint(service)} ${mark}${message}`);
  };

  return {
    write(service, lineLevel, message) {
      keep(service, `${new Date().toISOString()} ${lineLevel} ${message}`);
      show(service, lineLevel, message);
    },
    line(service, text) {
      if (text.trim() === '') return;
      keep(service, text);
      if (hushed) return;
      const parsed = parseLine(text);
      show(
        service,
        parsed.level === 'info' && quiet.includes(service) ? 'debug' : parsed.level,
        firstLine(parsed.message),
      );
    },
    hush() {
      hushed = true;
    },
  };
}

/** The rest of a long message is in the service's file. */
const firstLine = (message: string) => message.split('\n', 1)[0]!;

/** Reads one line of a child's output. pino's levels are numbers (30 = info); Ponder writes the same shape. */
export function parseLine(text: string): { level: Level; message: string } {
  if (!text.startsWith('{')) return { level: 'info', message: text };
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json !== 'object' || json === null || !('msg' in json)) return { level: 'info', message: text };
    const { msg, level, err, error } = json as Record<string, unknown>;
    const detail = describeError(err ?? error);
    return { level: levelOf(level), message: detail === '' ? String(msg) : `${msg} (${detail})` };
  } catch {
    return { level: 'info', message: text };
  }
}

function levelOf(value: unknown): Level {
  if (typeof value === 'string' && value in rank) return value as Level;
  if (typeof value !== 'number') return 'info';
  if (value >= 50) return 'error';
  if (value >= 40) return 'warn';
  return value >= 30 ? 'info' : 'debug';
}

function describeError(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'message' in value) return String(value.message);
  return '';
}
