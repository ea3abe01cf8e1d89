import OpenAI from 'openai';

/** The error that a request is answered with. */
export const errorOf = async (request: Promise<unknown>) => {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof OpenAI.APIError)) throw error;
    const { status, type, param, code, message } = error;
    return { status, type, param, code, message };
  }
  throw new Error('it was answered');
};
