import type { DecoderConfig } from '@openledger/gpu-worker/base';

/** A training that is measured, here and in PyTorch. */
export type Case = {
  readonly config: DecoderConfig;
  readonly mode: 'full' | 'lora';
  readonly rank: number;
  readonly targets: readonly string[];
  readonly batch: number;
  readonly sequence: number;
  readonly steps: number;
  readonly rate: number;
  readonly threads: number;
};

export type Measured = {
  /** Medians, without the first two steps. */
  readonly step_ms: number;
  readonly forward_ms: number;
  readonly tokens_per_s: number;
  /** What the process took at most, beside what it had before. */
  readonly peak_bytes: number;
  readonly losses: readonly number[];
  /** Only here. */
  readonly predicted_bytes?: number;
  /** Only in PyTorch. */
  readonly version?: string;
};
