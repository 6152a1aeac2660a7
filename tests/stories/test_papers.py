"""A delegate's papers in real Chromium: read without a network, replaced, taken back while the tablet was away, closed."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Playwright, expect

from meetroom.documents.mupdf import pymupdf
from tests.house import FLAGS, House, until
from tests.stories.test_sitting import shown, sync

expect.set_options(timeout=20_000)
KEPT = "async () => (await (await caches.open('meetroom-papers')).keys()).map(one => new URL(one.url).pathname)"
SEEN = """() => new Promise(done => {
  const open = indexedDB.open('meetroom-papers')
  open.onsuccess = () => {
    const all = open.result.transaction('meetings').objectStore('meetings').getAll()
    all.onsuccess = () => { open.result.close(); done(all.result.flatMap(one => one.snapshot.papers.map(paper => paper.state))) }
  }
})"""


@pytest.fixture
def trusting(house: House, playwright: Playwright) -> Iterator[House]:
    """The same house before tablets that trust its certificate, as those with its authority installed do: without that no
    browser has a service worker."""
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*FLAGS, "--ignore-certificate-errors"])
    yield replace(house, browser=browser)
    browser.close()


def pdf(*texts: str) -> bytes:
    document = pymupdf.open()
    for text in texts:
        document.new_page().insert_text((90, 120), text, fontsize=24)
    data: bytes = document.tobytes()
    return data


def test_papers_without_a_network_in_new_versions_and_taken_back(trusting: House) -> None:
    house = trusting
    secretary = house.page("thuky", "/", 1440, 900)
    meeting, item = prepared(house, secretary)
    report = brought(house, secretary, meeting, item, "Báo cáo", *(f"Trang {n}" for n in range(1, 6)))
    list_ = brought(house, secretary, meeting, item, "Danh sách", "Trang đầu", "Trang cuối")

    everybody = {one["full_name"]: one["id"] for one in sync(secretary, meeting)["members"]}
    for name in ("Hạnh", "Bảo", "Châu"):
        member = next(id for full, id in everybody.items() if full.endswith(name))
        house.command(secretary, "member.mark", meeting_id=meeting, member_id=member, present=True)
    hanh = house.page("hanh", f"/m/{meeting}/delegate")
    until(lambda: shown(hanh, 1), 30, "page 1 is there")
    until(lambda: len(images(hanh, secretary, meeting)) == 7, 30, "all seven pages are on the tablet")
    until(lambda: hanh.evaluate(SEEN) == ["ready", "ready"], 20, "the meeting is on the tablet")
    hanh.evaluate("navigator.serviceWorker.ready.then(() => true)")

    hanh.context.set_offline(True)
    hanh.reload()
    until(lambda: shown(hanh, 1), 30, "page 1 without a network")
    hanh.get_by_role("button", name="Trang sau").click()
    until(lambda: shown(hanh, 2), 10, "page 2 without a network")

    gone = manifest_images(secretary, meeting, list_)
    house.command(secretary, "paper.withdraw", meeting_id=meeting, paper_id=list_)
    assert set(gone) <= set(hanh.evaluate(KEPT)), "a tablet that is away cannot know"
    pending = [one for one in sync(secretary, meeting)["receipts"] if one["paper_id"] == list_]
    assert pending and pending[0]["state"] != "withdrawn"
    hanh.context.set_offline(False)
    until(lambda: not set(gone) & set(hanh.evaluate(KEPT)), 30, "it is deleted once the tablet is back")
    told = lambda: [one["state"] for one in sync(secretary, meeting)["receipts"] if one["paper_id"] == list_]  # noqa: E731
    until(lambda: told() == ["withdrawn"], 30, "and the secretary is told")
    assert shown(hanh, 2), "the page read stays where it is"

    asked: list[str] = []
    hanh.on("request", lambda request: asked.append(request.url))
    before = manifest_images(secretary, meeting, report)
    file = upload(house, secretary, meeting, pdf("Trang 1", "Trang 2", "Trang 3, đã sửa", "Trang 4", "Trang 5"))
    house.command(secretary, "paper.replace", meeting_id=meeting, paper_id=report, file=file)
    expect(hanh.get_by_text("Đã có bản 2.")).to_be_visible(timeout=60_000)
    assert shown(hanh, 2)
    until(lambda: paper_of(secretary, meeting, report)["state"] == "ready", 60, "the new version is prepared")
    assert paper_of(secretary, meeting, report)["changed_pages"] == [3]
    hanh.get_by_role("button", name="Xem bản 2").click()
    expect(hanh.get_by_role("button", name="Xem bản trước")).to_be_visible()
    until(lambda: shown(hanh, 2), 10, "the same page of the new version")
    hanh.get_by_role("button", name="Đến trang 3").click()
    until(lambda: shown(hanh, 3), 20, "the page that changed")
    fetched = {url[url.index("/b/") :] for url in asked if "/b/" in url}
    assert not fetched & set(before), "unchanged pages are not fetched again"

    chau = next(id for name, id in everybody.items() if name.endswith("Châu"))
    pages = manifest_images(secretary, meeting, report)
    order = {"access": {"kind": "people", "member_ids": [chau]}, "secrecy": "open"}
    house.command(secretary, "paper.restrict", meeting_id=meeting, paper_id=report, **order)
    until(lambda: not set(pages) & set(hanh.evaluate(KEPT)), 30, "who may no longer read it keeps nothing of it")
    expect(hanh.get_by_text("Báo cáo", exact=True)).to_have_count(0)
    for name, status in (("hanh", 404), ("bao", 404), ("chau", 200)):
        tablet = hanh if name == "hanh" else house.page(name, f"/m/{meeting}/delegate")
        assert tablet.context.request.get(pages[0]).status == status, name
    assert house.errors == []


def prepared(house: House, secretary: Page) -> tuple[int, int]:
    """A meeting like the demo's, and its first item."""
    order = {"source_id": 1, "title": "Kỳ họp về tài liệu", "starts_at": "2026-12-20T01:00:00Z"}
    meeting = house.command(secretary, "meeting.clone", **order)["id"]
    return meeting, sync(secretary, meeting)["items"][0]["id"]


def brought(house: House, secretary: Page, meeting: int, item: int, title: str, *texts: str) -> int:
    """A paper with one text on each page, prepared."""
    file = upload(house, secretary, meeting, pdf(*texts))
    paper: int = house.command(secretary, "paper.add", meeting_id=meeting, item_id=item, title=title, file=file)["id"]
    until(lambda: paper_of(secretary, meeting, paper)["state"] == "ready", 60, f"{title} is prepared")
    return paper


def upload(house: House, secretary: Page, meeting: int, data: bytes) -> str:
    headers = {"X-Filename": quote("tài liệu.pdf"), "Content-Type": "application/octet-stream"}
    answer = secretary.context.request.post(f"/api/uploads?meeting_id={meeting}", data=data, headers=headers).json()
    sha256: str = answer["result"]["sha256"]
    return sha256


def paper_of(page: Page, meeting: int, paper: int) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in sync(page, meeting)["papers"] if one["id"] == paper)
    return found


def manifest_images(page: Page, meeting: int, paper: int) -> list[str]:
    """Addresses of the page images of its newest version."""
    manifest = page.context.request.get(f"/b/{paper_of(page, meeting, paper)['manifest']}").json()
    return [f"/b/{one['image']['sha256']}" for one in manifest["pages"]]


def images(tablet: Page, secretary: Page, meeting: int) -> set[str]:
    """Those page images of the meeting that the tablet has on its disk."""
    wanted = {image for paper in sync(secretary, meeting)["papers"] for image in manifest_images(secretary, meeting, paper["id"])}
    return wanted & set(tablet.evaluate(KEPT))
