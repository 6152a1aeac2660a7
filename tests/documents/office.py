"""Office files in a few lines each: real ones, as small as the programs accept them."""

import io
import zipfile
from collections.abc import Mapping

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{}</Types>'
RELS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
XML, RELATION = (
    '<Default Extension="xml" ContentType="application/xml"/>',
    "application/vnd.openxmlformats-package.relationships+xml",
)
OPEN_DOCUMENT = "application/vnd.oasis.opendocument.text"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"


def packed(members: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return file.getvalue()


def _open_xml(part: str, kind: str, members: Mapping[str, str]) -> bytes:
    override = f'<Override PartName="/{part}" ContentType="application/vnd.openxmlformats-officedocument.{kind}.main+xml"/>'
    types = f'<Default Extension="rels" ContentType="{RELATION}"/>{XML}{override}'
    first = f'<Relationship Id="r1" Type="{R}/officeDocument" Target="{part}"/>'
    return packed({"[Content_Types].xml": TYPES.format(types), "_rels/.rels": RELS.format(first), **members})


def docx(text: str = "Tờ trình", pages: int = 1, body: str = "") -> bytes:
    end = '<w:r><w:br w:type="page"/></w:r>'
    each = (f"<w:p><w:r><w:t>{text} {n}</w:t></w:r>{end if n < pages else ''}</w:p>" for n in range(1, pages + 1))
    document = f"<w:document {W}><w:body>{''.join(each)}{body}</w:body></w:document>"
    return _open_xml("word/document.xml", "wordprocessingml.document", {"word/document.xml": document})


def xlsx(text: str = "Dự toán") -> bytes:
    sheet = (
        f'<worksheet {S}><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row></sheetData></worksheet>'
    )
    book = f'<workbook {S} xmlns:r="{R}"><sheets><sheet name="Bảng" sheetId="1" r:id="r1"/></sheets></workbook>'
    rels = RELS.format(f'<Relationship Id="r1" Type="{R}/worksheet" Target="worksheets/sheet1.xml"/>')
    members = {"xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": rels, "xl/worksheets/sheet1.xml": sheet}
    return _open_xml("xl/workbook.xml", "spreadsheetml.sheet", members)


def odt(text: str = "Nghị quyết", encrypted: bool = False, body: str = "") -> bytes:
    content = (
        f'<office:document-content xmlns:office="{OFFICE}" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
        f'xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.2"><office:body><office:text>'
        f"<text:p>{text}</text:p>{body}</office:text></office:body></office:document-content>"
    )
    how = "<manifest:encryption-data/>" if encrypted else ""
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{OPEN_DOCUMENT}"/>'
        f'<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">{how}</manifest:file-entry>'
        "</manifest:manifest>"
    )
    return packed({"mimetype": OPEN_DOCUMENT, "content.xml": content, "META-INF/manifest.xml": manifest})


def rtf(text: str = "Thong bao") -> bytes:
    return b"{\\rtf1\\ansi " + text.encode("ascii") + b"\\par}"


def compound(*streams: str) -> bytes:
    """What begins like a file of Word, Excel or PowerPoint 97 and names these streams; none of them opens it."""
    return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + b"".join((name + "\0").encode("utf-16-le") for name in streams)
