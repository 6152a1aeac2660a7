"""The PDF library, imported in the one way that is right: `from meetroom.documents.mupdf import pymupdf`.

It takes a second and 80 MB: not for the process that serves people.
"""

import sys

sys.modules["pymupdf.layout"] = None  # type: ignore[assignment]  # where it is installed it loads a neural network

import pymupdf  # noqa: E402

__all__ = ["pymupdf"]

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)
