from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import examples
from mediamonitor.parsing.language import FIRST_LOOK, SECOND_LOOK, language_of

TEXTS = {
    "en": "Ferry crews end their strike\n\nThe crews of Port Tarnwick went back to work on Monday after the town had "
    "promised them two free weekends in every month and a new break room.",
    "de": "Fährleute beenden ihren Streik\n\nDie Besatzungen im Hafen von Tarnwick arbeiten seit Montag wieder, "
    "nachdem die Stadt ihnen zwei freie Wochenenden im Monat zugesagt hatte.",
    "fr": "Fin de la grève des bacs\n\nLes équipages du port de Tarnwick ont repris le travail lundi, après que la "
    "ville leur a promis deux week-ends libres par mois et une nouvelle salle de repos.",
    "es": "Termina la huelga de los transbordadores\n\nLas tripulaciones del puerto de Tarnwick volvieron al trabajo "
    "el lunes, después de que la ciudad les prometiera dos fines de semana libres al mes.",
    "it": "Finisce lo sciopero dei traghetti\n\nGli equipaggi del porto di Tarnwick sono tornati al lavoro lunedì, "
    "dopo che la città ha promesso loro due fine settimana liberi al mese.",
    "pt": "Termina a greve das barcas\n\nAs tripulações do porto de Tarnwick voltaram ao trabalho na segunda-feira, "
    "depois de a cidade lhes ter prometido dois fins de semana livres por mês.",
    "nl": "Staking op de veerboten voorbij\n\nDe bemanningen in de haven van Tarnwick zijn maandag weer aan het werk "
    "gegaan, nadat de stad hun twee vrije weekeinden per maand had beloofd.",
    "sv": "Färjestrejken är över\n\nBesättningarna i Tarnwicks hamn gick tillbaka till arbetet på måndagen, sedan "
    "staden hade lovat dem två lediga veckoslut i månaden och ett nytt pausrum.",
    "pl": "Koniec strajku na promach\n\nZałogi w porcie Tarnwick wróciły w poniedziałek do pracy, gdy miasto "
    "obiecało im dwa wolne weekendy w miesiącu i nową świetlicę.",
    "cs": "Stávka na přívozech skončila\n\nPosádky v přístavu Tarnwick se v pondělí vrátily do práce, když jim město "
    "slíbilo dva volné víkendy za měsíc a novou odpočívárnu.",
    "sk": "Štrajk na trajektoch sa skončil\n\nPosádky v prístave Tarnwick sa v pondelok vrátili do práce, keď im "
    "mesto sľúbilo dva voľné víkendy mesačne a novú oddychovú miestnosť.",
    "sl": "Konec stavke na trajektih\n\nPosadke v pristanišču Tarnwick so se v ponedeljek vrnile na delo, potem ko "
    "jim je mesto obljubilo dva prosta konca tedna na mesec in nov prostor za počitek.",
    "ru": "Забастовка на паромах закончилась\n\nЭкипажи в порту Тарнвик вернулись на работу в понедельник, после "
    "того как город пообещал им два свободных выходных в месяц и новую комнату отдыха.",
    "uk": "Страйк на поромах завершився\n\nЕкіпажі в порту Тарнвік повернулися до роботи в понеділок, після того як "
    "місто пообіцяло їм двоє вільних вихідних на місяць і нову кімнату відпочинку.",
    "bg": "Стачката на фериботите приключи\n\nЕкипажите в пристанището на Тарнуик се върнаха на работа в понеделник, "
    "след като градът им обеща две свободни събота и неделя в месеца и нова стая за почивка.",
    "el": "Τέλος στην απεργία των πορθμείων\n\nΤα πληρώματα στο λιμάνι επέστρεψαν στη δουλειά τη Δευτέρα, αφού ο "
    "δήμος τους υποσχέθηκε δύο ελεύθερα σαββατοκύριακα τον μήνα.",
    "tr": "Feribot grevi sona erdi\n\nLimandaki mürettebat, belediyenin ayda iki hafta sonu izin ve yeni bir "
    "dinlenme odası sözü vermesinden sonra pazartesi günü işe döndü.",
    "vi": "Cuộc đình công trên phà đã kết thúc\n\nCác thủy thủ ở cảng đã trở lại làm việc vào thứ Hai, sau khi thành "
    "phố hứa cho họ hai kỳ nghỉ cuối tuần mỗi tháng.",
    "ar": "انتهاء إضراب العبارات\n\nعاد البحارة في الميناء إلى العمل يوم الاثنين بعد أن وعدتهم المدينة بعطلتين في "
    "الشهر وبغرفة جديدة للراحة.",
    "hi": "नाव की हड़ताल समाप्त\n\nबंदरगाह के नाविक सोमवार को काम पर लौट आए, क्योंकि शहर ने उन्हें महीने में दो "
    "सप्ताहांत की छुट्टी और एक नया विश्राम कक्ष देने का वादा किया।",
    "zh": "渡轮罢工结束\n\n港口的船员星期一恢复工作，市政府答应每个月给他们两个周末休息，并修建新的休息室。",
    "ja": "フェリーのストライキが終わる\n\n港の乗組員は月曜日に仕事に戻った。"
    "市が月に二回の週末休みと新しい休憩室を約束したためだ。",
    "ko": "여객선 파업 끝나\n\n항구의 선원들은 시가 한 달에 두 번의 "
    "주말 휴가와 새 휴게실을 약속한 뒤 월요일에 일터로 돌아왔다.",
}  # fmt: skip


@pytest.mark.parametrize(("code", "text"), TEXTS.items(), ids=TEXTS)
def test_each_language_is_told(code: str, text: str) -> None:
    assert language_of(text) == code


@pytest.mark.parametrize("code", ["en", "de", "cs", "ru", "uk"])
def test_a_text_in_capitals_is_told(code: str) -> None:
    assert language_of(TEXTS[code].upper()) == code


def test_a_title_that_is_all_names_is_told_by_the_body() -> None:
    title = "Vessmark, Tarnwick, Ostrava, Kowloon, Halifax"
    assert language_of(title) is None
    assert language_of(f"{title}\n\n{TEXTS['de'].split(maxsplit=4)[4]}") == "de"


def test_one_foreign_quotation_does_not_turn_a_text() -> None:
    assert language_of(f"{TEXTS['en']} A poster said: „Wir bleiben am Ufer.“") == "en"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t\u00a0",
        "a",
        "Б",
        "港",
        "Ferry strike ends",
        "Стачката приключи",
        "12 345.67 — 89 %; (2026-01-02) 0000 1111 2222 3333 4444 5555 6666",
        "🚢🎉" * 100,
        "\x00\x01\x1b[31m\x7f\x85" * 50,
        "\ud800\udfff" * 100,
        "...................................................................",
    ],
)
def test_too_little_text_has_no_language(text: str) -> None:
    assert language_of(text) is None


def test_letters_without_a_language_have_none() -> None:
    assert language_of("xq zvk wqj qzx kvw jqx zzq wvx qkj xzv " * 5) is None


def test_only_the_start_of_the_body_is_read() -> None:
    start = TEXTS["en"] + " "
    assert language_of(start * 8 + TEXTS["ru"] * 4000) == language_of(start * 8) == "en"
    assert FIRST_LOOK < SECOND_LOOK < len(start * 8)


def test_half_broken_text_keeps_its_language() -> None:
    assert language_of("\ufeff\x00" + TEXTS["fr"].replace(" ", " \ud83d\u200b\r\n", 5)) == "fr"


@examples(300)
@given(
    st.one_of(
        st.text(), st.text(st.characters(codec=None), min_size=60), st.text("aäяغ港 \n\x00\ud800</s>_", min_size=60)
    )
)
def test_any_text_gets_a_code_or_none_and_always_the_same(text: str) -> None:
    code = language_of(text)
    assert code is None or (len(code) == 2 and code.isascii() and code.islower())
    assert language_of(text) == code


@pytest.mark.parametrize("text", ["x" * 1_000_000, "\n" * 1_000_000, "港" * 1_000_000, "</s> " * 200_000])
def test_a_megabyte_without_words_is_no_trouble(text: str) -> None:
    code = language_of(text)
    assert code is None or len(code) == 2


def test_threads_get_the_same_answers() -> None:
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(language_of, list(TEXTS.values()) * 20)) == list(TEXTS) * 20


def test_it_works_offline_and_writes_nothing(tmp_path: Path) -> None:
    """No socket, no file in the working, home or temporary folder, nothing on stdout or stderr."""
    program = (
        "import socket, sys\n"
        "def refuse(*_, **__): raise OSError('offline')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from mediamonitor.parsing.language import language_of\n"
        f"sys.exit(language_of({TEXTS['de']!r}) != 'de')"
    )
    include = Path(__file__).parents[2] / "include"
    environ = {
        "PYTHONPATH": str(include),
        "HOME": str(tmp_path),
        "TMPDIR": str(tmp_path),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environ, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert list(tmp_path.iterdir()) == []
