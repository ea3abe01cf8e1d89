export { createDiscordBot, type DiscordBotOptions } from './bot.ts';
export { createRest, type DiscordRest } from './rest.ts';
export { createInteractionsDoor, startGateway } from './start.ts';
