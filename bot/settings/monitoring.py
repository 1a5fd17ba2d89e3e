"""What is set of watching Usher."""

from typing import Annotated

from pydantic import AfterValidator, SecretStr
from pydantic_settings import BaseSettings

from bot.settings import rules

SHORTEST = 20


def _listening_address(value: str | None) -> str | None:
    """HOST:PORT to listen at; an address of IPv6 stands in brackets."""
    if value is None:
        return None
    host, colon, port = value.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not colon or not bare or (":" in bare) != (bare != host) or not port.isascii() or not port.isdigit():
        raise ValueError("has to be like 127.0.0.1:9090, or [::1]:9090")
    if not 0 < int(port) <= 65535:
        raise ValueError("needs a port between 1 and 65535")
    return value


def _long_secret(value: SecretStr | None) -> SecretStr | None:
    if value is not None:
        text = value.get_secret_value()
        rules.check_one_word(text)
        if len(text) < SHORTEST or not text.isascii():
            raise ValueError(f"needs at least {SHORTEST} letters and digits: openssl rand -hex 32 makes one")
    return value


class MonitoringSettings(BaseSettings):
    monitoring_address: Annotated[str | None, AfterValidator(_listening_address)] = None
    """HOST:PORT that answers /readyz and /metrics instead of the pages' own."""
    monitoring_token: Annotated[SecretStr | None, AfterValidator(_long_secret)] = None
    """Without it in the request, neither answers."""

    @property
    def monitoring_place(self) -> tuple[str, int] | None:
        if self.monitoring_address is None:
            return None
        host, _, port = self.monitoring_address.rpartition(":")
        return host.strip("[]"), int(port)
