"""The kinds of sample papers."""

import re
from collections.abc import Callable

from meetroom.documents.sample.committee import report, submission
from meetroom.documents.sample.council import appendix, resolution, verification
from meetroom.documents.sample.form import Paper

PREFIX = re.compile(r"^(Dự thảo )?(Tờ trình|Báo cáo thẩm tra|Báo cáo|Nghị quyết|Phụ lục)( về việc| về)? *", re.IGNORECASE)
KINDS: dict[str, Callable[[str, str], Paper]] = {
    "submission": submission,
    "report": report,
    "verification": verification,
    "resolution": resolution,
    "appendix": appendix,
}


def paper(kind: str, title: str, number: str) -> Paper:
    """What a paper of this kind and title says."""
    return KINDS[kind](PREFIX.sub("", title), number)
