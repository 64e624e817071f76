"""OAuth v4 of the emulated Zalo: consent with PKCE, pairs whose renewing token serves once."""

import base64
import hashlib
import itertools
from dataclasses import dataclass, field
from typing import Any

from tests.platform.world import Clock

ACCESS_LIFE = 25 * 3600.0
REFRESH_LIFE = 90 * 24 * 3600.0
CODE_LIFE = 600.0


@dataclass
class Tokens:
    """All codes and tokens of one application; times are virtual seconds."""

    clock: Clock
    app_id: str
    app_secret: str
    oa_id: str
    challenge: str = ""  # as registered at the application; consent asks for the very same
    access: dict[str, float] = field(default_factory=dict)
    refresh: dict[str, float] = field(default_factory=dict)
    spent: list[str] = field(default_factory=list)  # renewing tokens in the order in which they were shown
    codes: dict[str, tuple[str, float]] = field(default_factory=dict)
    refreshes: int = 0
    _count: Any = field(default_factory=lambda: itertools.count(1))

    def pair(self) -> dict[str, str]:
        """A new pair, as the platform answers."""
        number = next(self._count)
        access, refresh = f"access-{number:06d}-{'a' * 24}", f"refresh-{number:06d}-{'r' * 24}"
        self.access[access] = self.clock.now() + ACCESS_LIFE
        self.refresh[refresh] = self.clock.now() + REFRESH_LIFE
        return {"access_token": access, "refresh_token": refresh, "expires_in": str(int(ACCESS_LIFE))}

    def consent(self, challenge: str) -> str:
        """An administrator of the account agrees; the code that comes back."""
        code = f"code-{next(self._count):06d}"
        self.codes[code] = (challenge, self.clock.now() + CODE_LIFE)
        return code

    def why_not(self, token: str) -> tuple[int, str] | None:
        """Why a call with this token is refused."""
        until = self.access.get(token)
        if until is None:
            return -216, "Access token is invalid"
        if self.clock.now() > until:
            return -220, "access_token is expired or removed"
        return None

    def expire(self) -> None:
        """All tokens of access end now."""
        for token in self.access:
            self.access[token] = self.clock.now() - 1

    def answer(self, secret: str, form: dict[str, str]) -> dict[str, Any]:
        """The token endpoint; what is refused has no access_token in its body."""
        if secret != self.app_secret:
            return _no(-14004, "Invalid app secret", "secret_key is invalid")
        if form.get("app_id") != self.app_id:
            return _no(-14002, "Invalid app id", "app_id is invalid")
        if form.get("grant_type") == "authorization_code":
            challenge, until = self.codes.pop(form.get("code", ""), ("", 0.0))
            if self.clock.now() > until:
                return _no(-118, "Invalid code", "code is expired or was used")
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != challenge:
                return _no(-14011, "Invalid code verifier", "code_verifier does not match")
            return self.pair()
        shown = form.get("refresh_token", "")
        self.spent.append(shown)
        until = self.refresh.pop(shown, 0.0)
        if self.clock.now() > until:  # no number in the body, as seen at the real one
            return {"error_name": "invalid_grant", "error_reason": "refresh token was used or is expired"}
        self.refreshes += 1
        return self.pair()


def _no(code: int, name: str, reason: str) -> dict[str, Any]:
    return {"error": code, "error_name": name, "error_reason": reason, "ref_doc": ""}
