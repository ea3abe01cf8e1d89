import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { globalSetup: ['@openledger/db/testing/setup'], testTimeout: 120_000, hookTimeout: 60_000 },
});
