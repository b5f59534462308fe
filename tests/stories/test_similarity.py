"""The pair test: copies are found, reports from a template stay apart."""

from __future__ import annotations

import random
import re
import zlib
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from factories import examples
from mediamonitor.stories.signatures import signatures
from mediamonitor.stories.similarity import Text, similar

WIRE = (
    "Mara Lindqvist opened the new ferry line between Vessmark and Port Tarnwick on Monday, two years later "
    "than planned. "
    "The harbour master said that 1,250 passengers had bought a ticket for the first week.\n"
    "The line costs the city 14.5 million a year. Opponents had asked the mayor for a bridge instead, which the "
    "council refused in November 2025 after a long night of speeches by 23 members."
)


def text(body: str, title: str = "Ferry line opens") -> Text:
    return Text(title, body)


def test_a_copy_under_another_headline_is_similar() -> None:
    assert similar(text(WIRE), text(WIRE, "Boats return to Port Tarnwick after 9 years"))


def test_an_excerpt_is_similar_and_so_is_a_flash_to_its_full_version() -> None:
    assert similar(text(WIRE), text(WIRE.split("\n")[0]))
    assert similar(text(WIRE), text(WIRE.split(". ")[0] + ". More follows."))


def test_another_text_on_the_same_matter_is_not() -> None:
    other = (
        "The ferry line between Vessmark and Port Tarnwick is open again. Mara Lindqvist cut the ribbon, and a band "
        "played for guests."
    )
    assert not similar(text(WIRE), text(other))


def test_fund_reports_that_differ_in_the_fund_stay_apart() -> None:
    was, now = "FRANKLIN INSURED TAX-FREE SETS PAYOUT", "FRANKLIN PUERTO RICO TAX-FREE SETS PAYOUT"
    body = (
        "Mthly div 7.1 cts vs 7.1 cts prior\nPay March 31\nRecord March 16\n"
        "NOTE: Franklin {} Tax-Free Income Fund is in San Mateo."
    )
    assert not similar(text(body.format("Insured"), was), text(body.format("Puerto Rico"), now))
    assert similar(text(body.format("Insured"), was), text(body.format("Insured"), was))


def test_central_bank_repurchases_that_differ_in_one_number_stay_apart() -> None:
    body = (
        "The Federal Reserve entered the U.S. Government securities market to arrange two billion dlrs of customer "
        "repurchase agreements, a Fed spokesman said.\nDealers said Federal funds were trading at {} pct when the Fed "
        "began its temporary and indirect supply of reserves to the banking system."
    )
    assert not similar(text(body.format("6-1/16")), text(body.format("6-3/8")))


GRAINS = """\
Wheat {} 2.40 IV 4.65
Corn {} 1.92 IV 3.15
Oats {} 0.99 V 1.65
Barley {} 1.49 IV 2.55
Sorghum {} 3.25 IV 5.36
Reserves I, II and III have matured. Level IV reflects grain entered after Oct 6, 1981, for feedgrain and after July 23,
1981, for wheat.
"""


def test_grain_tables_of_two_days_stay_apart() -> None:
    first = text(GRAINS.format("2.64", "1.40", "1.57", "1.49", "2.50"))
    second = text(GRAINS.format("2.63", "1.38", "1.58", "1.52", "2.53"))
    assert not similar(first, second)


def test_reports_whose_only_name_begins_their_sentences_stay_apart() -> None:
    body = (
        "{}’s board has declared a dividend of 14 cts for the March quarter, "
        "payable on April 28 to holders of April 15."
    )
    trust, mill = text(body.format("Healthvest"), "HEALTHVEST DECLARES DIVIDEND"), "SORREL DECLARES DIVIDEND"
    assert not similar(trust, text(body.format("Sorrel"), mill))
    assert similar(trust, text(body.format("Healthvest"), "HEALTHVEST’S DIVIDEND DECLARED"))


def test_a_correction_of_one_number_among_several_is_the_same_report() -> None:
    assert similar(text(WIRE), text(WIRE.replace("14.5 million", "1.45 million")))


def test_a_few_words_are_a_copy_only_under_the_same_title() -> None:
    assert similar(text("More follows.", "Fire in the harbour"), text("More follows.", "Fire in the harbour"))
    assert not similar(text("More follows.", "Fire in the harbour"), text("More follows.", "Mayor resigns"))


WORDS = st.sampled_from(
    [
        "harbour",
        "ferry",
        "Lindqvist",
        "14",
        "2,500",
        "Vessmark",
        "opens",
        "the",
        "of",
        "and",
        "line",
        "council",
        "said",
        "bridge",
        "market",
        "June",
    ]
)
BODIES = st.lists(WORDS, max_size=60).map(" ".join)


@examples(200)
@given(BODIES, BODIES, BODIES, BODIES)
def test_the_pair_test_is_symmetric_and_an_article_is_similar_to_itself(a: str, b: str, t: str, u: str) -> None:
    one, other = Text(t, a), Text(u, b)
    assert similar(one, other) == similar(other, one)
    assert similar(one, Text(t, a))


def signed(*texts: Text) -> list[dict[str, Any]]:
    """Their signatures, as the warehouse makes them: it has a number for each word."""
    words = [[zlib.crc32(word.encode()) for word in one.words] for one in texts]
    return signatures(pa.array(words, pa.list_(pa.uint64()))).to_pylist()


@examples(60)
@given(st.lists(BODIES, max_size=5))
def test_a_signature_is_a_function_of_the_text_alone(bodies: list[str]) -> None:
    assert signed(*map(text, bodies)) == [signed(text(body))[0] for body in bodies]


def meet(one: Text, other: Text) -> bool:
    """Whether the two are candidates, as candidates.sql says it."""
    mine, yours = signed(one, other)
    return bool(set(mine["bands"]) & set(yours["bands"])) or (
        (mine["is_short"] or yours["is_short"]) and bool(set(mine["heads"]) & set(yours["heads"]))
    )


MADE = """
Lindqvist Vessmark Monday 14 ferries close winter
Verrall Tarnwick Tuesday 250 trams open summer
Osei Rhenmark Wednesday 31 bridges strike autumn
Tamm Oslo Thursday 7 schools move spring
Novak Porto Friday 1200 nurses return year
Marchetti Gdynia Saturday 86 drivers leave month
Dubois Bruges Sunday 45 farms merge week
Okafor Tallinn Monday 9 boats stop season
Silva Cork Tuesday 63 cranes grow term
Brandt Bergen Friday 18 shops shrink session
Kessler Split Sunday 77 banks start strike
Moreau Vigo Monday 320 trains wait storm
"""
SENTENCES = [
    "{} told {} on {} that {} {} would {} before the {} ends.".format(*line.split())
    for line in MADE.strip().splitlines()
]


@examples(150)
@given(st.randoms(use_true_random=False))
def test_made_copies_are_candidates_and_similar_and_exchanged_facts_are_not(rng: random.Random) -> None:
    paragraphs = rng.sample(SENTENCES, 10)
    original = text("\n".join(paragraphs))
    cut = sorted(rng.sample(range(10), 7))
    copy = text("\n".join([*(paragraphs[at] for at in cut), "Copyright of the agency"]), "Something else altogether")
    assert meet(original, copy)
    assert similar(original, copy)
    exchanged = text(re.sub(r"\d+", lambda match: str(int(match.group()) + rng.randint(1, 400)), original.body))
    assert not similar(original, exchanged)
    other_names = {word: f"Q{word[::-1].lower()}" for word in original.names}
    renamed = text(re.sub(r"\w+", lambda match: other_names.get(match.group().lower(), match.group()), original.body))
    assert not similar(original, renamed)


def test_a_flash_meets_its_full_version() -> None:
    full = text("\n".join(SENTENCES * 3))
    assert meet(full, text(f"{SENTENCES[0]} {SENTENCES[1]} More follows."))
