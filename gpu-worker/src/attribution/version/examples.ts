/** What may be asked about a row of a datanet, and what the row answers. */
export type Example = { readonly question: string; readonly answer: string };

const longestTopic = 60;

/**
 * A row as a question and its answer: about its last heading, what its signature declares, or how a paragraph goes on.
 *
 * @example exampleOf('## Caching\n\nAnswers are kept for a day.')
 * // { question: 'What does the documentation say about Caching?', answer: 'Answers are kept for a day.' }
 */
export function exampleOf(row: string): Example | undefined {
  return aboutHeading(row) ?? aboutSignature(row) ?? aboutParagraph(row);
}

/** As the base's chat template writes it, so that a model learns the form in which it will be asked. */
export function documentOf(row: string): string {
  const example = exampleOf(row);
  return example === undefined ? row : `Question: ${example.question}\nAnswer: ${example.answer}`;
}

function aboutHeading(row: string): Example | undefined {
  const [, heading = '', answer = ''] = /^(?:#{1,6} [^\n]*\n+)*#{1,6} ([^\n]+)\n+([^#][\s\S]*)$/.exec(row) ?? [];
  const topic = heading
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/<[^>]*>|#+\s*$/g, '')
    .trim();
  if (topic === '' || topic.length > longestTopic || answer.length < 20) return undefined;
  return { question: `What does the documentation say about ${topic}?`, answer };
}

const declaration =
  /^(?:export |declare |abstract |public )*(?:function|contract|library|interface|event|error|modifier|struct|enum|type|class|const) (\w+)/;

function aboutSignature(row: string): Example | undefined {
  const [signature = '', ...rest] = row.split('\n\n');
  const name = declaration.exec(signature)?.[1];
  return name === undefined || rest.length === 0
    ? undefined
    : { question: `What does ${name} do?`, answer: rest.join('\n\n') };
}

function aboutParagraph(row: string): Example | undefined {
  const [, beginning, answer = ''] = /^([A-Z](?:[\w,;'’()-]+ ){5,9}[\w,;'’()-]+) ([\s\S]+)$/.exec(row) ?? [];
  if (beginning === undefined || beginning.length > 80 || answer.length < 40) return undefined;
  return { question: `How does this go on: “${beginning}”?`, answer };
}
