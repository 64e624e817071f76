"""What waits to be said: the states of one row of the outbox."""

from enum import StrEnum


class Kind(StrEnum):
    """Why a row stands in the outbox; the order of importance is the order of sending."""

    REPLY = "reply"  # answers a person's own words; at least once
    NOTICE = "notice"  # told on our own account; at most once
    BROADCAST = "broadcast"  # an officer's message to many; at most once unless marked otherwise


class OutboxState(StrEnum):
    """Where one row stands; from SENT on they are endings, RECALL undoes one."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENDING = "sending"
    RETRY_AT = "retry_at"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"
    RECALL = "recall"  # sent, and to be taken back from the person's chat
    REMOVED = "removed"  # taken back


ENDINGS = (OutboxState.SENT, OutboxState.FAILED, OutboxState.SKIPPED, OutboxState.UNKNOWN, OutboxState.REMOVED)


class InboxState(StrEnum):
    """Where one inbound message stands."""

    WAITING = "waiting"
    HANDLED = "handled"
    QUARANTINED = "quarantined"
