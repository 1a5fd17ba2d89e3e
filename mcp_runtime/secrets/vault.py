"""Sealing secrets: a key for each row, bound to its owner, wrapped by master keys that can be changed."""

import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from mcp_runtime.secrets.keys import KEY_BYTES, KeyUnusable, MasterKey

NONCE_BYTES = 12  # what AES-GCM is specified for


class CannotOpen(Exception):
    """The secret is another owner's, was altered, or its master key is gone."""


class UnknownKey(CannotOpen):
    """It may open again: its master key is not among those that are configured."""


@dataclass(frozen=True)
class SecretRef:
    """Whose secret this is; a row that is moved to another owner does not open."""

    workspace: str
    member: str
    owner: str
    field: str

    @property
    def aad(self) -> bytes:
        # JSON, since joining with a separator would let two owners read alike.
        return json.dumps(["v1", *astuple(self)], separators=(",", ":")).encode()


@dataclass(frozen=True)
class Sealed:
    key_id: str
    wrapped_key: bytes
    nonce: bytes
    ciphertext: bytes


class Vault:
    """``again`` reads the keys once more: a row may have come under one that was made since."""

    def __init__(self, keys: Sequence[MasterKey], again: Callable[[], Sequence[MasterKey]] | None = None) -> None:
        self._again = again
        self._know(keys)

    def _know(self, keys: Sequence[MasterKey]) -> None:
        if not keys:
            raise KeyUnusable("there is no master key")
        self._newest = keys[0]
        self._keys = {key.id: key for key in keys}

    def look_again(self) -> None:
        """Raises `KeyUnusable`, OSError."""
        if self._again:
            self._know(self._again())

    @property
    def newest(self) -> str:
        return self._newest.id

    @property
    def older(self) -> list[str]:
        """The keys whose rows still have to move before the keys can go."""
        return [key_id for key_id in self._keys if key_id != self._newest.id]

    def seal(self, ref: SecretRef, secret: bytes) -> Sealed:
        """Under the newest key there is: once keys were rotated beside us, an older one may soon be taken away."""
        with suppress(KeyUnusable, OSError):
            self.look_again()
        row_key, nonce = os.urandom(KEY_BYTES), os.urandom(NONCE_BYTES)
        return Sealed(
            key_id=self._newest.id,
            wrapped_key=aes_key_wrap(self._newest.secret, row_key),
            nonce=nonce,
            ciphertext=AESGCM(row_key).encrypt(nonce, secret, ref.aad),
        )

    def open(self, ref: SecretRef, sealed: Sealed) -> bytes:
        """Raises `CannotOpen`."""
        row_key = self._unwrap(sealed.key_id, sealed.wrapped_key)
        try:
            return AESGCM(row_key).decrypt(sealed.nonce, sealed.ciphertext, ref.aad)
        except (InvalidTag, ValueError):  # the second: its nonce, or its key, has no length that there is
            raise CannotOpen("the secret does not belong here, or was altered") from None

    def rewrap(self, key_id: str, wrapped_key: bytes) -> tuple[str, bytes]:
        """The row's key under the newest master key; what it seals is not touched, nor read."""
        return self._newest.id, aes_key_wrap(self._newest.secret, self._unwrap(key_id, wrapped_key))

    def _unwrap(self, key_id: str, wrapped_key: bytes) -> bytes:
        if key_id not in self._keys:
            with suppress(KeyUnusable, OSError):  # then it stays unknown, and is told as such
                self.look_again()
        if key_id not in self._keys:
            raise UnknownKey(f"master key {key_id} is not configured")
        try:
            return aes_key_unwrap(self._keys[key_id].secret, wrapped_key)
        except InvalidUnwrap:
            raise CannotOpen("the row's key was altered") from None
