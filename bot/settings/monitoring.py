"""What is set of watching Usher."""

from typing import Annotated

from pydantic import AfterValidator, SecretStr
from pydantic_settings import BaseSettings

from bot.settings import rules


class MonitoringSettings(BaseSettings):
    monitoring_address: Annotated[str | None, AfterValidator(rules.listening_address)] = None
    """HOST:PORT that answers /readyz and /metrics instead of the pages' own."""
    monitoring_token: Annotated[SecretStr | None, AfterValidator(rules.long_secret)] = None
    """Without it in the request, neither answers."""

    @property
    def monitoring_place(self) -> tuple[str, int] | None:
        if self.monitoring_address is None:
            return None
        host, _, port = self.monitoring_address.rpartition(":")
        return host.strip("[]"), int(port)
