export { type Logprobs, logprobsOf } from './logprobs.ts';
export { createSampler, likeliest, type Sampler } from './sampler.ts';
