"""The people we talk with, each reachable at several addresses."""

from dataclasses import dataclass
from enum import StrEnum


class Alert(StrEnum):
    """How a person wants to hear of fitting offers and events."""

    OFF = "off"  # no news consent: nothing is pushed
    WEEKLY = "weekly"  # one digest, Tuesday 09:00
    NOW = "now"  # a strong match is told within seconds in allowed hours


class AddressState(StrEnum):
    """Whether messages can reach an address."""

    ACTIVE = "active"  # the person wrote from here and did not block us
    BLOCKED = "blocked"  # the platform says the person blocked us
    INVALID = "invalid"  # the platform says there is no such chat


class Purpose(StrEnum):
    """What a consent is for; each is asked and withdrawn on its own."""

    NEED = "need"  # keep the need form with name and phone number
    NEWS = "news"  # push offers and events
    LINK = "link"  # several channels are one: what cannot go out on one may go out on another
    OFFER = "offer"  # keep what somebody offers with name and phone number


@dataclass(frozen=True)
class Person:
    """One human being; `phone` is E.164 or None."""

    id: int
    name: str | None = None
    phone: str | None = None
    alert: Alert = Alert.OFF
    no_events: bool = False  # news, but no invitations to events
    no_offers: bool = False  # news, but none of technology


@dataclass(frozen=True)
class Address:
    """Where a person can be reached: a chat on one channel."""

    id: int
    person_id: int
    channel: str
    account: str
    external_id: str
