"""Makes a picture or a paper anew from what a stranger sent. Run by `confined` alone, so it imports nothing of ours."""

import math
from io import BytesIO
from typing import Any

from .unfit import Unfit

MOST_PIXELS = 50_000_000
"""Telephones take pictures of 48 million; a decoder's memory is bounded by this."""
SIDE = 2_048
"""Of a picture that is kept: more is not looked at by any model."""
MOST_PNG = 1_500_000
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
LINKS = ("/URI", "/GoTo")
HIDDEN = frozenset({"/AF", "/EF", "/AA", "/JS", "/Metadata", "/PieceInfo", "/RichMediaContent", "/Sound", "/Movie"})
"""Wherever they stand in a page: files that nobody sees, what starts by itself, and of whom it is."""
NAMED = frozenset(
    {"/Font", "/XObject", "/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/Properties", "/CharProcs", "/N", "/D"}
)
"""What these hold its author has named, so that a name in them means nothing."""
DRAWN = frozenset({"/Link", "/Widget", "/Text", "/FreeText", "/Highlight", "/Underline", "/StrikeOut", "/Squiggly"})
DRAWN_TOO = frozenset({"/Ink", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Stamp", "/Caret", "/Popup"})

Made = tuple[dict[str, Any], bytes]


def picture(content: bytes, _: int) -> Made:
    """Upright, no larger than needed, the first one where it moves; without place, camera and all else beside it."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # ours is lower, and told in words
    with Image.open(BytesIO(content), formats=FORMATS) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise Unfit("file_pixels", most=MOST_PIXELS // 1_000_000)
        lossless = opened.format in ("PNG", "GIF")
        opened.draft("RGB", (SIDE, SIDE))  # a JPEG is decoded at a fraction of its size
        image = ImageOps.exif_transpose(opened)
        image.thumbnail((SIDE, SIDE))
        clear = image.has_transparency_data
        if image.mode.startswith("I"):  # sixteen bits of grey
            image = image.convert("I").point(lambda value: value / 256).convert("L")
        image = image.convert("RGBA" if clear else "RGB")
    image.info = {}
    made = BytesIO()
    mime = "image/png" if lossless or clear else "image/jpeg"
    if mime == "image/png":
        image.save(made, "PNG")
        if made.tell() > MOST_PNG:
            ground = Image.new("RGB", image.size, "white")
            ground.paste(image, mask=image if clear else None)
            image, mime, made = ground, "image/jpeg", BytesIO()
    if mime == "image/jpeg":
        image.save(made, "JPEG", quality=85)
    return {"mime": mime, "width": image.width, "height": image.height, "tokens": tiles(*image.size)}, made.getvalue()


def tiles(width: int, height: int) -> int:
    """Tokens, as Gemini counts a picture."""
    if max(width, height) <= 384:
        return 258
    unit = min(768, max(256, int(min(width, height) / 1.5)))
    return 258 * math.ceil(width / unit) * math.ceil(height / unit)


def pdf(content: bytes, most: int) -> Made:
    """Its pages alone: no scripts, no attachments, nothing that starts by itself, nothing of who wrote it where."""
    from pypdf import PdfReader, PdfWriter

    reader = PdfReader(BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unfit("file_locked")
    pages = len(reader.pages)
    if not pages:
        raise Unfit("file_broken")
    if pages > most:
        raise Unfit("file_pages", most=most, has=pages)
    writer = PdfWriter()
    bared: set[int] = set()
    for page in reader.pages:
        _bare(page, bared)
        _still(writer.add_page(page))
    made = BytesIO()
    writer.write(made)
    return {"mime": "application/pdf", "width": 0, "height": 0, "tokens": 600 * pages}, made.getvalue()


def _bare(page: Any, seen: set[int]) -> None:
    """Before anything is taken from it: what is not reached any more is not taken along."""
    left = [(page, "")]
    while left:
        found, called = left.pop()
        one = found.get_object()
        if id(one) in seen or not isinstance(one, dict | list):
            continue
        seen.add(id(one))
        if isinstance(one, list):
            left += [(each, "") for each in one]
            continue
        for name in HIDDEN & one.keys() if called not in NAMED else ():
            one.pop(name)
        left += [(value, name) for name, value in one.items() if name not in ("/Parent", "/P")]


def _still(page: Any) -> None:
    from pypdf.generic import ArrayObject, NameObject

    page.pop("/AA", None)
    kept = ArrayObject()
    for each in page.get("/Annots") or ():
        note = each.get_object()
        if note.get("/Subtype") not in DRAWN | DRAWN_TOO:
            continue
        note.pop("/AA", None)
        action = note.get("/A")
        if action is not None and action.get_object().get("/S") not in LINKS:
            note.pop("/A")
        elif action is not None:
            action.get_object().pop("/Next", None)
        kept.append(each)
    page.pop("/Annots", None)
    if kept:
        page[NameObject("/Annots")] = kept
