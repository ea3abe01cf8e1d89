// Everything that is assumed of names, in graphs and in adapters, stands here and nowhere else.

/** peft wraps a model twice before it names its modules. */
export const peftPrefix = 'base_model.model.';
export const loraA = '.lora_A.weight';
export const loraB = '.lora_B.weight';

/** Where torch's dynamo exporter notes the modules around a node: `['', 'model', 'model.layers.0', …, 'linear']`. */
export const scopesKey = 'pkg.torch.onnx.name_scopes';

/** A parameter that kept its name: `model.layers.0.mlp.up_proj.weight`. Weights folded by an exporter have others: `onnx::MatMul_12`, `val_58`. */
const namedWeight = /^([A-Za-z_][\w-]*(?:\.[\w-]+)*)\.weight$/;

/** A node of the older exporter: its modules and its op, `/model/layers.0/mlp/up_proj/MatMul`, `_1` where a module runs twice. */
const pathedNode = /^\/(.+)\/(?:MatMul|Gemm)(?:_\d+)?$/;

/** Tables of embeddings whose transposes are heads, where a model ties the two. */
const tiedHeads = new Map([
  ['model.embed_tokens', 'lm_head'],
  ['transformer.wte', 'lm_head'],
  ['bert.embeddings.word_embeddings', 'cls.predictions.decoder'],
]);

/** Heads that turn hidden states into tokens or classes; peft's `all-linear` leaves them out. */
const outputHeads = ['lm_head', 'embed_out', 'lm_head.decoder', 'cls.predictions.decoder', 'vocab_projector'];
const classHeads = ['score', 'classifier'];

/** The modules that take the last hidden states, those first that have others behind them. */
export const headEntries = [
  'cls.predictions.transform.dense',
  'lm_head.dense',
  'vocab_transform',
  'lm_head',
  'embed_out',
  'score',
  'classifier',
];

/** Modules that come after the last hidden states, with all that is in them. */
const afterHidden = [
  'cls',
  'pooler',
  'lm_head',
  'vocab_transform',
  'vocab_projector',
  'embed_out',
  'score',
  'classifier',
];

/** Whether a module changes nothing of the last hidden states. */
export const isAfterHidden = (module: string): boolean => {
  const parts = module.split('.');
  const own = wrappers.includes(parts[0]!) ? parts[1] : parts[0];
  return own !== undefined && afterHidden.includes(own);
};

export const isHeadModule = (module: string, taskType?: string): boolean =>
  outputHeads.includes(module) || (taskType === 'SEQ_CLS' && classHeads.includes(module));

/** Attributes under which a model with a head holds the one without: an adapter of either fits an export of the other. */
const wrappers = ['model', 'transformer', 'bert', 'roberta', 'distilbert', 'backbone'];

export type NamedNode = { readonly name: string; readonly scopes: string | undefined; readonly weight: string };

/** PEFT name of the module that a MatMul or Gemm with this weight belongs to, `undefined` where nothing tells it. */
export const moduleOf = ({ name, scopes, weight }: NamedNode): string | undefined => {
  const fromScopes = scopes === undefined ? undefined : innermostModule(scopes);
  if (fromScopes !== undefined) return fromScopes;
  const fromWeight = namedWeight.exec(weight)?.[1];
  if (fromWeight !== undefined && !tiedHeads.has(fromWeight)) return fromWeight;
  const path = pathedNode.exec(name)?.[1];
  if (path !== undefined) return path.split('/').join('.');
  return fromWeight === undefined ? undefined : tiedHeads.get(fromWeight);
};

/** The last scope is the operation itself. */
const innermostModule = (scopes: string): string | undefined => {
  const found = [...scopes.matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, single, double]) => single ?? double ?? '');
  return found.length >= 2 && found.at(-2) !== '' ? found.at(-2) : undefined;
};

/** The graph's name for an adapter's module: the same, or the only one that differs by a wrapper. */
export const resolveModule = (module: string, known: ReadonlySet<string>): string | undefined => {
  if (known.has(module)) return module;
  const bare = wrappers.find((wrapper) => module.startsWith(`${wrapper}.`));
  const others = wrappers.map((wrapper) => `${wrapper}.${module}`);
  if (bare !== undefined) others.push(module.slice(bare.length + 1));
  const found = others.filter((other) => known.has(other));
  return found.length === 1 ? found[0] : undefined;
};
