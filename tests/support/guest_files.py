"""Files as guests send them, sound and hostile, made here."""

import struct
import zlib
from io import BytesIO

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'
HTML = b"<!doctype html><html><body><script>alert(document.cookie)</script></body></html>"
ZIP = b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + b"\x00" * 60
PLACE = b"52 deg 31' 12.00\" N"
CAMERA = "Secret Camera 3000"


def picture(size: tuple[int, int] = (40, 30), form: str = "PNG", mode: str = "RGB") -> bytes:
    made = BytesIO()
    Image.new(mode, size, (200, 40, 40, 128)[: len(mode)]).save(made, form)
    return made.getvalue()


def photograph(size: tuple[int, int] = (60, 40)) -> bytes:
    """As a telephone takes it: lying on its side, with where it was taken and by what."""
    image = Image.new("RGB", size, "green")
    image.paste("white", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: to be turned by 90 degrees
    exif[0x0110] = CAMERA
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    made = BytesIO()
    image.save(made, "JPEG", exif=exif, comment=PLACE)
    return made.getvalue()


def moving(form: str = "GIF") -> bytes:
    made = BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(made, form, save_all=True, append_images=frames[1:])
    return made.getvalue()


def polyglot() -> bytes:
    """A picture for one reader, a page for another, an archive for a third."""
    return picture() + HTML + ZIP


def bomb(width: int = 10_000, height: int = 10_000) -> bytes:
    """A hundred million pixels in a few kilobytes: rows of nothing, packed."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress((b"\x00" * (width // 8 + 1)) * height, 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def lying_bomb() -> bytes:
    """Says that it is small, and holds far more."""
    head = struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\x00" * 200_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _noted(writer: PdfWriter) -> DictionaryObject:
    """A note on the first page."""
    note = DictionaryObject({NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/Stamp")})
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(note)])
    return note


def pdf(pages: int = 1, *, password: str = "", active: bool = False) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if active:
        script = DictionaryObject(
            {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
        )
        writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): script})
        writer.root_object[NameObject("/OpenAction")] = script
        writer.add_attachment("evil.exe", b"MZ evil")
        # Not only where papers keep their attachments: a page, and what stands on it, may have some too.
        [_, attached] = writer.root_object["/Names"]["/EmbeddedFiles"]["/Names"]
        for holder in (writer.pages[0], _noted(writer)):
            holder[NameObject("/AF")] = ArrayObject([attached])
        writer.add_metadata({"/Author": CAMERA})
    if password:
        writer.encrypt(password)
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def pdf_with_a_font(name: str) -> bytes:
    """Its page calls it by this name."""
    writer = PdfWriter()
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    named = DictionaryObject({NameObject(key): NameObject(value) for key, value in font.items()})
    fonts = DictionaryObject({NameObject(name): writer._add_object(named)})
    resources = DictionaryObject({NameObject("/Font"): fonts})
    writer.add_blank_page(200, 200)[NameObject("/Resources")] = resources
    made = BytesIO()
    writer.write(made)
    return made.getvalue()
