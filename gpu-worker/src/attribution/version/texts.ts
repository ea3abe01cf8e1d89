/** One thing to learn from a contribution: a text, after what is asked where something is. */
export type Text = {
  readonly question?: string;
  readonly text: string;
};

/**
 * The texts of a contribution's body: of each line that is not empty, {"question", "answer"}, {"messages"} of one user and one
 * assistant, {"text"}, or the line itself.
 *
 * @example textsOf('{"text":"Bees dance."}\nThey sleep, too.') // [{ text: 'Bees dance.' }, { text: 'They sleep, too.' }]
 */
export const textsOf = (body: string): readonly Text[] => linesOf(body).map(textOf);

/** The lines of a body that hold one text each. */
export const linesOf = (body: string): readonly string[] => body.split('\n').filter((line) => line.trim() !== '');

const textOf = (line: string): Text => {
  const fields = fieldsOf(line);
  if (fields === undefined) return { text: line };
  const { question, answer, messages, text } = fields;
  if (typeof question === 'string' && typeof answer === 'string') return { question, text: answer };
  if (Array.isArray(messages)) {
    const said = (role: string) => messages.filter((message) => message?.role === role).map(({ content }) => content);
    const [asked, answered] = [said('user'), said('assistant')];
    const isPair = asked.length === 1 && answered.length === 1;
    if (isPair && typeof asked[0] === 'string' && typeof answered[0] === 'string') {
      return { question: asked[0], text: answered[0] };
    }
  }
  return { text: text === undefined ? line : String(text) };
};

const fieldsOf = (line: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const json: unknown = JSON.parse(line);
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};
