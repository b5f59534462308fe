"""spaCy's PhraseMatcher and flashtext on names and texts from a file: seconds each, without building."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import spacy
from flashtext import KeywordProcessor
from spacy.matcher import PhraseMatcher

given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
names, texts = given["names"], given["texts"]

language = spacy.blank("en")
language.max_length = 10**9
matcher = PhraseMatcher(language.vocab)
matcher.add("names", [language.make_doc(name) for name in names])
start = time.perf_counter()
found = sum(len(matcher(language.make_doc(text))) for text in texts[:: given["spacy_every"]])
spacy_seconds = (time.perf_counter() - start) * given["spacy_every"]

processor = KeywordProcessor(case_sensitive=True)
processor.add_keywords_from_list(names)
start = time.perf_counter()
hits = sum(len(processor.extract_keywords(text, span_info=True)) for text in texts)
flashtext_seconds = time.perf_counter() - start

json.dump({"spacy": spacy_seconds, "flashtext": flashtext_seconds, "hits": hits, "spacy_hits": found}, sys.stdout)
