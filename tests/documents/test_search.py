"""Searching a meeting's papers: the same rule as on the tablet, and nothing of what the asker may not read."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetroom.documents import search
from meetroom.documents.schema import FoundPages
from meetroom.meetings import service as meetings
from meetroom.people.rules import fold
from tests.documents.bringing import add, report, written
from tests.documents.test_routes import Browsers, browsers, code  # noqa: F401
from tests.sitting import Sitting

CASES = json.loads((Path(__file__).parent / "find.json").read_text(encoding="utf-8"))


def found(s: Sitting, query: str, persona: str = "hanh") -> FoundPages:
    with s.store.read() as session:
        viewer = meetings.viewer(session, s.actor(persona), s.meeting)
        return search.search(session, s.blobs, viewer, s.meeting, query)


def places(answer: FoundPages) -> list[tuple[int, int, list[str]]]:
    return [(page.paper_id, page.page, [snippet.words for snippet in page.snippets]) for page in answer.pages]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['query']} in {case['text']}")
def test_the_table_of_the_tablet(sitting: Sitting, case: dict[str, Any]) -> None:
    paper = add(sitting)
    written(sitting, paper, case["text"])
    assert places(found(sitting, case["query"])) == ([(paper, 1, case["found"])] if case["found"] else [])


@given(st.lists(st.text(min_size=1).map(lambda word: "".join(word.split())).filter(fold), min_size=1, max_size=12), st.data())
def test_what_stands_there_is_found_where_it_stands(words: list[str], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    asked = fold(" ".join(words[first : last + 1]))
    assert (first, last) in search.find(words, asked) or len(search.find(words, asked)) == search.MOST_ON_PAGE


def test_pages_with_what_stands_around(sitting: Sitting) -> None:
    one, two = add(sitting), add(sitting, b"%PDF-1.7 two")
    written(sitting, one, "Kế hoạch đầu tư công năm 2027", "không có gì", "vốn đầu tư và đầu tư công")
    written(sitting, two, " ".join(["dài"] * 30 + ["đầu tư"] + ["sau"] * 30))
    answer = found(sitting, "ĐẦU tu")
    assert places(answer) == [(one, 1, ["đầu tư"]), (one, 3, ["đầu tư", "đầu tư"]), (two, 1, ["đầu tư"])]
    assert answer.pages[0].snippets[0].before == "Kế hoạch"
    assert answer.pages[0].snippets[0].after == "công năm 2027"
    assert len(answer.pages[2].snippets[0].before.split()) == search.BEFORE
    assert not answer.more


def test_the_version_that_is_shown_is_searched(sitting: Sitting) -> None:
    from tests.documents.bringing import bring

    paper = add(sitting)
    written(sitting, paper, "bản cũ")
    sitting.secretary("paper.replace", paper_id=paper, file=bring(sitting, b"%PDF-1.7 new"))
    assert places(found(sitting, "bản")) == [(paper, 1, ["bản"])]  # nothing of the new one is there yet
    written(sitting, paper, "hoàn toàn khác", version=2)
    assert places(found(sitting, "bản")) == []
    assert places(found(sitting, "khac")) == [(paper, 1, ["khác"])]


def test_a_page_without_words_and_a_paper_without_pages(sitting: Sitting) -> None:
    report(sitting, add(sitting), 2, 2)
    add(sitting, b"%PDF-1.7 waits")
    assert places(found(sitting, "trang")) == []


def test_more_than_a_list_to_look_through(sitting: Sitting) -> None:
    paper = add(sitting)
    written(sitting, paper, *["đầu tư " * 30] * 40)
    answer = found(sitting, "đầu tư")
    assert (len(answer.pages), answer.more) == (search.MOST_PAGES, False)
    assert len(answer.pages[0].snippets) == search.MOST_ON_PAGE
    written(sitting, add(sitting, b"%PDF-1.7 two"), "đầu tư")
    assert found(sitting, "đầu tư").more


def test_nothing_of_what_may_not_be_read(sitting: Sitting) -> None:
    withdrawn, members, named = (add(sitting, f"%PDF-1.7 {n}".encode()) for n in range(3))
    for paper in (withdrawn, members, named):
        written(sitting, paper, "đầu tư công")
    chau = next(member.id for member in sitting.see("secretary").members if member.person_id == sitting.people["chau"])
    sitting.secretary("paper.withdraw", paper_id=withdrawn)
    sitting.secretary("paper.restrict", paper_id=members, access={"kind": "members"}, secrecy="open")
    sitting.secretary("paper.restrict", paper_id=named, access={"kind": "people", "member_ids": [chau]}, secrecy="open")

    def papers(persona: str) -> list[int]:
        return [page.paper_id for page in found(sitting, "dau tu", persona).pages]

    assert papers("hanh") == [members]
    assert papers("chau") == [members, named]
    assert papers("secretary") == [members, named]
    assert papers("guest") == papers("wall") == papers("tanlap") == []


def test_over_http(sitting: Sitting, browsers: Browsers) -> None:  # noqa: F811
    paper = add(sitting)
    written(sitting, paper, "đầu tư công")
    address = f"/api/meetings/{sitting.meeting}/search"
    answer = browsers.of("hanh").get(f"{address}?q=dau+tu").get_json()
    snippet = {"before": "", "words": "đầu tư", "after": "công"}
    assert answer == {"ok": True, "result": {"pages": [{"paper_id": paper, "page": 1, "snippets": [snippet]}], "more": False}}
    assert code(browsers.of(None).get(f"{address}?q=dau")) == (401, "login")
    assert code(browsers.of("outsider").get(f"{address}?q=dau")) == (404, "not_found")
    for wrong in ("", "?q=" + "x" * 81, "?q=a&p=b"):
        assert code(browsers.of("hanh").get(address + wrong)) == (422, "invalid")
    assert browsers.of("hanh").get(f"{address}?q=%25%25__%27").get_json()["result"]["pages"] == []
