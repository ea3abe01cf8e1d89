export { type AnswerText, createAnswerText } from './answerText.ts';
export { createStopTexts, type StoppedText, type StopTexts } from './stopTexts.ts';
