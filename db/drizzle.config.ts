import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: './src/app/index.ts',
  out: './migrations',
  schemaFilter: ['app'],
});
