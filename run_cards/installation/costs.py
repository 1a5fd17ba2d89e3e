"""What an installation's own file of cards may say of what a tool's calls cost."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from run_cards.card import Cost, DryRun

_CONFIG = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True, frozen=True)
Dollars = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
_Word = Annotated[str, Field(min_length=1, max_length=200)]


class DryRunEntry(BaseModel):
    model_config = _CONFIG

    tool: _Word
    answer: _Word
    arguments: dict[str, Any] = {}


class CostEntry(BaseModel):
    """US dollars: ``per_call``, and ``each`` for every ``of`` units, which ``argument`` or ``dry_run`` tells."""

    model_config = _CONFIG

    per_call: Dollars | None = None
    each: Dollars = 0.0
    of: Annotated[int, Field(ge=1, le=10**15)] = 1
    unit: Annotated[str, Field(max_length=20)] = ""
    argument: Annotated[str, Field(max_length=200)] = ""
    dry_run: DryRunEntry | None = None

    @model_validator(mode="after")
    def _told_somewhere(self) -> "CostEntry":
        told = [name for name in ("argument", "dry_run") if getattr(self, name)]
        if self.unit and len(told) != 1:
            raise ValueError("Where units are counted, either argument or dry_run says how many.")
        if not self.unit and (told or self.each):
            raise ValueError("What is counted needs its unit, such as bytes or rows.")
        return self

    @property
    def cost(self) -> Cost:
        """In millionths. What costs a fraction of one is told for more units, so that nothing is lost."""
        per_call = None if self.per_call is None else round(self.per_call * 1_000_000)
        run = self.dry_run
        asked = DryRun(run.tool, run.answer, run.arguments) if run else None
        each, of = round(self.each * 1_000_000 * 1_000), self.of * 1_000
        return Cost(per_call, each, of, self.unit, self.argument, asked)
