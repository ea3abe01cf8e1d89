export { createTelegramBot, type TelegramBotOptions } from './bot.ts';
export { createClient, type TelegramClient } from './client.ts';
export { telegramUpdate } from './incoming.ts';
export { startTelegramService, type TelegramService } from './start.ts';
