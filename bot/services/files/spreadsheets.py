"""Tables as CSV, for spreadsheets: no cell of one is a formula; pure."""

import csv
import io
import re
from collections.abc import Sequence

from mcp_runtime.tools.untrusted_text import visible

BOM = "\ufeff"
"""Without it Excel takes UTF-8 for something else."""
# A spreadsheet may cut a row at other signs than commas, so what follows any of them counts as the start of a cell.
_FORMULA = re.compile(r"(^|[;,\t\r\n|])([\s\"']*)(?=[=+\-@＝＋－＠])")
Cell = str | int | float | None


def harmless(cell: Cell) -> Cell:
    """Text that no spreadsheet takes for a formula; numbers stay numbers."""
    return _FORMULA.sub(r"\1\2'", visible(cell)) if isinstance(cell, str) else cell


def csv_of(rows: Sequence[Sequence[Cell]]) -> str:
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_NONNUMERIC).writerows(
        [[harmless(_filled(cell)) for cell in row] for row in rows]
    )
    return BOM + written.getvalue()


def _filled(cell: Cell) -> Cell:
    return "" if cell is None else cell
