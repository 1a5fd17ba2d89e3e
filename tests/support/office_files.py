"""Office files, sound and hostile, made here."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

WORD, SLIDE = 'xmlns:w="urn:word"', 'xmlns:a="urn:drawing"'


def zipped(members: dict[str, str | bytes]) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def docx(*paragraphs: str) -> bytes:
    told = "".join(f"<w:p><w:r><w:t>{each}</w:t></w:r></w:p>" for each in paragraphs)
    cells = "".join(f"<w:tc><w:p><w:r><w:t>{each}</w:t></w:r></w:p></w:tc>" for each in "ab")
    table = f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"
    return zipped({"word/document.xml": f"<w:document {WORD}><w:body>{told}{table}</w:body></w:document>"})


def xlsx() -> bytes:
    """Its first sheet is the second that was made; a cell shows a date."""
    rows = (
        '<row><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row>'
        '<row><c r="A2" t="inlineStr"><is><t>Ann</t></is></c><c r="C2"><v>3.5</v></c><c r="D2" t="b"><v>1</v></c>'
        '<c r="E2" s="1"><v>46355.5</v></c></row>'
    )
    shared = "<sst><si><t>Name</t></si><si><r><t>Sc</t></r><r><t>ore</t></r><rPh><t>x</t></rPh></si></sst>"
    return zipped(
        {
            "xl/workbook.xml": "<workbook><sheets>"
            '<sheet name="Plan" r:id="r2"/><sheet name="Old" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": '<x><y Id="r1" Target="worksheets/sheet1.xml"/>'
            '<y Id="r2" Target="/xl/worksheets/sheet2.xml"/></x>',
            "xl/styles.xml": '<x><numFmts><numFmt numFmtId="164" formatCode="d. mmm yy"/></numFmts><cellStyleXfs><xf/>'
            '</cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></x>',
            "xl/sharedStrings.xml": shared,
            "xl/worksheets/sheet1.xml": "<worksheet/>",
            "xl/worksheets/sheet2.xml": f"<worksheet><sheetData>{rows}</sheetData></worksheet>",
        }
    )


def pptx(*titles: str) -> bytes:
    slides = {
        f"ppt/slides/slide{number}.xml": f"<s {SLIDE}><a:p><a:r><a:t>{title}</a:t></a:r></a:p></s>"
        for number, title in enumerate(titles, 1)
    }
    return zipped({"ppt/presentation.xml": "<p/>", **slides})


def bomb() -> bytes:
    """Seventy megabytes of words in seventy kilobytes."""
    return zipped({"word/document.xml": b"<a><t>" + b" " * 70_000_000 + b"</t></a>"})


def entities() -> bytes:
    """What a reader that believes a DTD would grow without end."""
    grow = "".join(f'<!ENTITY e{each} "{f"&e{each - 1};" * 10}">' for each in range(1, 10))
    return zipped({"word/document.xml": f'<!DOCTYPE x [<!ENTITY e0 "ha">{grow}]><x><t>&e9;</t></x>'})


def nested() -> bytes:
    return zipped({"word/document.xml": "<a>" * 100_000})


def crowded() -> bytes:
    return zipped({"word/document.xml": "<a/>", **{f"{each}.xml": "" for each in range(5_001)}})
