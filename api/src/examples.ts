/** Queries that GraphiQL opens with, each in its own tab; all of them answer with data on the local stack. */
export const exampleTabs: readonly string[] = [];
