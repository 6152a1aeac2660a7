"""Sample papers: real PDFs in the look of Vietnamese official documents, for demo data and tests."""

from meetroom.documents.sample.layout import sample

__all__ = ["sample"]
