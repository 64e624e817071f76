"""The officers who serve people, with what each role may do."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an account is for; each role may do all that the one before it may."""

    VIEWER = "viewer"
    OFFICER = "officer"
    APPROVER = "approver"
    ADMIN = "admin"


class OfficerState(StrEnum):
    """Where an account stands."""

    INVITED = "invited"  # a link was given, no password chosen yet
    OPEN = "open"
    CLOSED = "closed"  # may do nothing, in no place


class Permission(StrEnum):
    """One thing that may be done; what nobody grants is denied."""

    LOOK = "look"  # see the pages, contacts masked
    OWN = "own"  # one's own account
    CONTACTS = "contacts"  # see names with phone numbers in full
    TALK = "talk"  # take over a talk, speak, hand it back
    NEEDS = "needs"  # verify, correct, assign, close needs; fill one in for somebody; the same with offers
    EXPORT = "export"  # carry lists away as files
    PEOPLE = "people"  # notes, merging of duplicates
    WRITE = "write"  # draft answers, send them to review
    SWITCH_OFF = "switch_off"  # stop an answer at once
    SEND = "send"  # write to many, stop it, look after events
    REVIEW = "review"  # clear the review queue
    APPROVE = "approve"  # approve, withdraw, switch on again
    AUDIT = "audit"  # read who did what
    ACCOUNTS = "accounts"  # invite, change, close accounts


_VIEWER = frozenset((Permission.LOOK, Permission.OWN))
_OFFICER = _VIEWER | {
    Permission.CONTACTS,
    Permission.TALK,
    Permission.NEEDS,
    Permission.EXPORT,
    Permission.PEOPLE,
    Permission.WRITE,
    Permission.SEND,
    Permission.REVIEW,
}
_APPROVER = _OFFICER | {Permission.APPROVE, Permission.SWITCH_OFF, Permission.AUDIT}
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: _VIEWER,
    Role.OFFICER: _OFFICER,
    Role.APPROVER: _APPROVER,
    Role.ADMIN: _APPROVER | {Permission.ACCOUNTS},
}
ROLE_WORDS = {
    Role.VIEWER: "Người xem",
    Role.OFFICER: "Cán bộ",
    Role.APPROVER: "Người duyệt",
    Role.ADMIN: "Quản trị",
}


@dataclass(frozen=True)
class Officer:
    """One account of the console."""

    id: int
    name: str
    login: str
    role: Role
    state: OfficerState = OfficerState.OPEN

    def may(self, permission: Permission) -> bool:
        """Whether this account may do a thing; a closed or invited one may do nothing."""
        return self.state is OfficerState.OPEN and permission in GRANTS[self.role]

    @property
    def may_anything(self) -> bool:
        """Whether the account counts at all."""
        return self.state is OfficerState.OPEN
