"""What is set of chat links, and of what is kept."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode

from bot.settings import rules
from bot.settings.chat_link_rules import FILE_KINDS, colour, file_kinds, proof_of_work


class ChatLinkSettings(BaseSettings):
    tempchat_max_hours: float = Field(default=720, gt=0, le=8760)
    """How long a chat link may live."""
    tempchat_default_hours: float = Field(default=24, gt=0)
    """How long one lives when nobody says otherwise."""
    tempchat_shows_host: bool = True
    """Whether guests learn who made their link: name, picture, workspace."""
    tempchat_accent: Annotated[str | None, AfterValidator(colour)] = None
    """The colour of guests' pages, such as 1d6b63; unset: Usher's own."""
    tempchat_proof_of_work: Annotated[str, AfterValidator(proof_of_work)] = "auto"
    """Whether a guest's browser calculates before a chat starts: in crowds, always or never."""
    tempchat_keep_days: float = Field(default=30, ge=1 / 24, le=365)
    """How long what was said on a chat link is kept after the chat's end."""
    tempchat_link_usd: float = Field(default=1.0, ge=0.05, le=1000)
    """What one chat link may cost; its creator can choose less."""
    tempchat_day_usd: float = Field(default=10.0, ge=0.05, le=100_000)
    """What all guests may cost in a day, by UTC; one member's links half of it."""
    tempchat_day_tokens: int = Field(default=5_000_000, ge=20_000)
    tempchat_files: int = Field(default=10, ge=0, le=20)
    """How many files a guest may send where a link's creator allows some; 0: none on any link."""
    tempchat_file_mb: int = Field(default=5, ge=1, le=10)
    """Of one file."""
    tempchat_file_kinds: Annotated[tuple[str, ...], NoDecode, BeforeValidator(file_kinds)] = FILE_KINDS
    """What files may be; a link's creator can choose fewer kinds."""
    tempchat_files_day_mb: int = Field(default=500, ge=20, le=100_000)
    """Of all files that guests of a workspace send in a day; one guest may send a tenth of it."""
    conversations_keep_days: int = Field(default=90, ge=1, le=3650)
    """How long members' conversations are kept after their last word, where a workspace's admins chose nothing else."""
    audit_keep_days: int = Field(default=365, ge=1, le=3650)
    """How long it is kept who did what."""
    smtp_url: Annotated[SecretStr | None, AfterValidator(rules.smtp_url)] = None
    """A server that takes mail, with user and password in it: codes for links go out by it."""
    mail_from: Annotated[str | None, AfterValidator(rules.mail_address)] = None
    tempchat_blocklist: Path | None = None
    """A file of phrases that no guest may write, one a line."""
    tempchat_content_stages: Annotated[tuple[str, ...], NoDecode, BeforeValidator(rules.listed)] = ()
    """An installation's own stages, each as ``package.module:name``, in their order."""

    @field_validator("tempchat_default_hours")
    @classmethod
    def _not_more_than_the_most(cls, value: float, so_far: ValidationInfo) -> float:
        if value > so_far.data.get("tempchat_max_hours", value):
            raise ValueError("cannot be more than TEMPCHAT_MAX_HOURS")
        return value

    @field_validator("mail_from")
    @classmethod
    def _with_its_server(cls, value: str | None, so_far: ValidationInfo) -> str | None:
        if (value is None) != (so_far.data.get("smtp_url") is None):
            raise ValueError("and SMTP_URL belong together: set both or neither")
        return value
