"""Writes trained.json beside this file: what Hugging Face's tokenizers (0.23.3) learns from a few texts, and how it encodes.

python make.py   (pip install tokenizers==0.23.3)
"""

import json
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

PATTERN = r"'(?:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
SPECIAL = ["<s>", "</s>"]

TEXTS = [
    "A contribution is a hash, a licence and a row count, submitted by its author or by a relayer the author allowed.\n\n"
    "Validators commit to a score, then reveal it; the median of a full quorum decides. Contributors' shares wait.\n",
    "```ts\nexport const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);\n```\n",
    "## Limits\n\n- 1234567 bytes, 65536 rows, 10000 documents\n- it's, they're, we'll, I've, he'd; IT'S\n\tindented\n    again\n",
    "Größe, naïve, Ελληνικά, 日本語のテキスト, 🙂🙃, e\u0301 and \u00e9; \u0085 \ufeff \u00a0 \u2028 ends\r\n\r\n",
    "aaaa aaaa abab abab baba " * 5,
]

tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
    [
        pre_tokenizers.Split(Regex(PATTERN), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ]
)
tokenizer.decoder = decoders.ByteLevel()
tokenizer.train_from_iterator(
    TEXTS,
    trainers.BpeTrainer(
        vocab_size=420,
        min_frequency=2,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    ),
)
model = json.loads(tokenizer.to_str())["model"]
unseen = ["Contributors' rewards: 31337 OPEN!", "日本 🙂 naïve\u0085x \ufeffy", " \n \n  three   spaces", "<s>shown</s>", ""]
reference = {
    "texts": TEXTS,
    "specialTokens": SPECIAL,
    "vocabSize": 420,
    "vocab": model["vocab"],
    "merges": model["merges"],
    "encoded": [{"text": text, "ids": tokenizer.encode(text).ids} for text in TEXTS + unseen],
}
Path(__file__).with_name("trained.json").write_text(json.dumps(reference, ensure_ascii=True, indent=1) + "\n")
