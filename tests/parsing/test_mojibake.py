from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import examples
from mediamonitor.parsing.mojibake import MOJIBAKE_SHARE, is_mojibake, mojibake_share

CORRECT = {
    "English": "“It’s over,” said the café’s owner — the naïve plan cost £5… and 20 °C felt like 10.",
    "German": "„Große Überraschung“: Der Spaß“, so die Ärzte, kostet 100 €“ – für »Äpfel« und ß“.",
    "French": "« L’été dernier, à Noël, où est-ce ? » « C’est là », répondit l’élève âgé, naïf. Château, dégât, œuvre.",
    "French capitals": "L’ÉTÉ À LA PLAGE : ÇA DÉBUTE OÙ ? « À NOËL »",
    "Spanish": "¿Dónde está el niño? ¡Mañana vendrá! «Así», 5ª edición, nº 3",
    "Portuguese": "AMANHÃ É DIA DE SÃO JOÃO; AMANHÃ SERÁ. «Não à maçã», disse a irmã.",
    "Czech": "Příliš žluťoučký kůň úpěl ďábelské ódy. „Černý“ a »Čert« řekli: »Řeka«, ›Šíp‹.",
    "Slovene": "»Če bo dež,« je rekel, »žrtve ne bo.« »Štirje« so šli. »Živali«",
    "Polish": "„Źdźbło” i „łódź” – zażółć gęślą jaźń. Łódź, Ćma, Żółw",
    "Turkish": "İstanbul’da çiğ köfte şöyle: “ığdır” ve ‘Şöför’",
    "Romanian": "Când România cânta, pâinea și țara. „Încă” COBORÂ, Ââ",
    "Vietnamese": "Cuộc đình công ở Việt Nam đã kết thúc. “Ấm áp”, ông Ân nói. ĐÂY LÀ TÂN ÂN Ở",
    "Russian": "«Ещё её ёлка», — сказал Пётр. Рёв, Сём, Вё… №5 «Её»; „Ёж“ ВВС РФ СССР",
    "Ukrainian": "Її їжак з’їв ґедзя в Києві; «Є», сказав він. Рішення, Ґанок, Сї, Вії",
    "Serbian": "Ђорђе и Љубица Њушић: „Џак“ и „Ћуп“",
    "Bulgarian": "„Ъгълът“ е остър. Съдът в София – №7",
    "Greek": "Το ταξίδι «Άγιος» τελείωσε· Όλα Ώρα Ϊ",
    "Arabic": "انتهى الإضراب «أمس»، وقال البحار: “نعم”؟",
    "Hebrew": "הוא אמר: ״כן״ – 5₪ ×2",
    "Chinese": "港口的船员“恢复”工作；——《新闻》",
    "Hindi": "नाविक सोमवार को काम पर लौट आए।",
    "Latin beside Cyrillic": "Матч УЕФА–UEFA, СССР–USA, ВВС/BBC и «iPhone»Ё; Wi-Fi-Вход, USB-С…",
    "signs": "© 2026 Vessmark® ™ § 5 ¶ 3 ½ × ¼ ±2 µm ¬ ¦ £€¥ °C ‰ † ‡ • … ← ✓ 🚢🎉 ❤️",
    "no-break spaces": "5\u00a0000\u00a0€ «\u00a0Où\u00a0» à\u00a0\u00a0 é\u00a0» soft\u00adhy\u00adphen",
    "damage of other kinds": "A\ufffd\ufffdB and caf\ufffd",
}
SENTENCES = {
    "English": "“It’s over,” said the crew’s speaker — “we’re going back to work.”",
    "German": "Die Fähre fährt für größere Überfahrten südwärts, fünf Männer hören zögernd „Auf Wiedersehen“.",
    "French": "Les équipages ont été prévenus : la grève est terminée, à Noël déjà, répète le porte-parole désigné.",
    "Czech": "Příliš žluťoučký kůň úpěl ďábelské ódy, řekl převozník.",
    "Polish": "Zażółć gęślą jaźń, powiedział przewoźnik.",
    "Vietnamese": "Cuộc đình công trên phà đã kết thúc.",
    "Russian": "Забастовка на паромах закончилась, экипажи вернулись на работу.",
    "Greek": "Τα πληρώματα επέστρεψαν στη δουλειά.",
    "Arabic": "عاد البحارة إلى العمل يوم الاثنين.",
    "Chinese": "港口的船员 星期一 恢复工作。",
    "emoji": "The ferry 🚢 is back 🎉",
}


def misread(text: str, codec: str) -> str:
    """UTF-8 taken for `codec`; a byte without a character becomes the control character of its number."""
    return "".join(
        bytes([byte]).decode(codec) if byte not in UNDEFINED.get(codec, b"") else chr(byte) for byte in text.encode()
    )


UNDEFINED = {"cp1252": b"\x81\x8d\x8f\x90\x9d", "cp1251": b"\x98", "cp1250": b"\x81\x83\x88\x90\x98"}


@pytest.mark.parametrize("codec", ["cp1252", "latin-1"])
@pytest.mark.parametrize("text", SENTENCES.values(), ids=SENTENCES)
def test_b9_utf8_read_as_western_is_flagged(text: str, codec: str) -> None:
    assert mojibake_share(misread(text, codec)) > 0.8
    assert is_mojibake(misread(text, codec))


@pytest.mark.parametrize("language", ["English", "German", "French", "Czech", "Russian"])
def test_b9_utf8_read_as_cp1251_is_flagged(language: str) -> None:
    assert is_mojibake(misread(SENTENCES[language], "cp1251"))


@pytest.mark.parametrize("language", ["English", "German", "Czech", "Polish", "Russian"])
def test_b9_utf8_read_as_cp1250_is_flagged(language: str) -> None:
    assert is_mojibake(misread(SENTENCES[language], "cp1250"))


@pytest.mark.parametrize(
    "text", ["cafÃ©", "itâ€™s", "Ð¿Ñ€Ð¸Ð²ÐµÑ‚", "5Â\u00a0000", "the end.Â A new day", "Ã  la carte, dÃ©jÃ "]
)
def test_b9_one_broken_word_is_flagged(text: str) -> None:
    assert is_mojibake(text)


@pytest.mark.parametrize("text", CORRECT.values(), ids=CORRECT)
def test_b9_correct_text_is_not_flagged(text: str) -> None:
    assert mojibake_share(text) == 0
    assert not is_mojibake(text)


def test_b9_the_share_is_of_non_ascii_runs() -> None:
    assert mojibake_share("plain words, an été, a cafÃ©, Ärger and a fÃ¼r") == 0.5


def test_b9_a_word_quoted_in_a_long_correct_text_is_not_flagged() -> None:
    text = "Auf dem Schild stand CafÃ©. " + "Die Ärzte hören größere Übel. " * 10
    assert 0 < mojibake_share(text) < MOJIBAKE_SHARE
    assert not is_mojibake(text)


@pytest.mark.parametrize("text", ["", " ", "plain words", "é", "Â", "Ã", "\x85", "\ud800", "\x00"])
def test_b9_hardly_any_text_has_none(text: str) -> None:
    assert mojibake_share(text) == 0


@examples(300)
@given(st.one_of(st.text(), st.text(st.characters(codec=None)), st.text("aÃÂ©â€™РВв«ё \u00a0\x80\x85\n")))
def test_b9_any_text_has_a_share(text: str) -> None:
    share = mojibake_share(text)
    assert 0 <= share <= 1
    assert mojibake_share(text) == share


@pytest.mark.parametrize("text", ["é ", "Ã", "Ã© ", "в«", "Â ", "\u00a0é", "\x80"])
def test_b9_time_is_linear(text: str) -> None:
    """Sixteen times the text may take at most 60 times as long; a square would be 256."""
    spent = []
    for count in (20_000, 320_000):
        started = time.process_time()
        mojibake_share(text * count)
        spent.append(time.process_time() - started)
    assert spent[1] < 60 * max(spent[0], 0.002)
