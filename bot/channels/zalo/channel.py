"""The Zalo channel: sends what the platform lets us send, by the cheapest lawful way, each with a named ending."""

import asyncio
import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.channels.base import Ending, Outcome
from bot.channels.zalo.api import Api
from bot.channels.zalo.assets import Assets, TooLarge
from bot.channels.zalo.errors import OFFICERS, REMEDIES, RIGHT, WORDS, Busy, Case, NotSent, Said, Unanswered
from bot.channels.zalo.fetch import CDN, fetched
from bot.channels.zalo.find import Finder
from bot.channels.zalo.quotas import read_quota
from bot.channels.zalo.read import NAME
from bot.channels.zalo.tokens import NoToken
from bot.channels.zalo.write import Body, Part, Shape, link_to, parts_of, with_asset, within_template
from domain.frames import MARGIN, Frame, standing
from domain.notice import Kind
from domain.person import AddressState
from domain.worktime import local
from storage.database import Database
from storage.files import FileStore
from storage.frames import OF_A_PERSON
from storage.outbox import Outgoing

log = structlog.get_logger()
MORNING, EVENING = 7, 21  # hours between which templates go: the narrower of what is told
RATE_REST = 61.0  # seconds until the next minute of calls has surely begun
PROBE_SECONDS = 8.0
STOP_SECONDS = 60.0  # so long nothing is tried after a stop
LONGEST_REST = 30.0
MORE_TRIES = (0.0, 2.0, 6.0)  # seconds before each try of a later part
CS, TEMPLATE = "/v3.0/oa/message/cs", "/v3.0/oa/message/template"


@dataclass(frozen=True)
class Spending:
    """What may be spent; see config/settings.py. `reserve`: messages of a frame kept for the person's own business."""

    own_template: str = ""
    news_template: str = ""
    paid_news: bool = False
    reserve: int = 2
    file_hosts: tuple[str, ...] = field(default=CDN)


class ZaloChannel:
    """One Official Account."""

    name = NAME

    def __init__(
        self,
        api: Api,
        database: Database,
        shape: Shape | None = None,
        spending: Spending | None = None,
        rate: float = 10.0,
        burst: int = 5,
        files: FileStore | None = None,
    ) -> None:
        self.rate: float | None = rate
        self.burst = burst
        self.api, self.assets = api, Assets(api, files)
        self.shape, self.spending = shape or Shape(), spending or Spending()
        self.finder = Finder(api, database)
        self._stopped: tuple[str, float] | None = None  # why, and until when nothing is tried
        self.remedy = ""  # what officers can do about a stop
        self.told_apart = False  # the loss of the consent has an alarm of its own
        self._quiet_until = 0.0
        self._misses = 0

    @property
    def stopped(self) -> str | None:
        """Why nothing is sent; after a minute one look is taken whether the cause has gone."""
        return self._stopped[0] if self._stopped is not None and _now() < self._stopped[1] else None

    # --- leave --------------------------------------------------------------------------------------------------------
    def may_push(self, item: Outgoing, now: datetime) -> bool:
        """News goes while it is free and enough is left for answers, later only by what the settings pay for."""
        frame = _frame(item, now)
        if frame is Frame.FREE and self._left(item) > self.spending.reserve:
            return True
        if frame is not Frame.SHUT and self.spending.paid_news:
            return True
        return bool(self.spending.news_template)

    def _left(self, item: Outgoing) -> float:
        held = item.allowance
        if held is not None and held.kind != OF_A_PERSON:  # the last one came out of the account's package
            return 0
        return float("inf") if held is None or held.remain is None else held.remain

    def _way(self, item: Outgoing) -> str:
        """How this message may go now: CS, TEMPLATE, or empty: it may not."""
        own, template = _own(item), TEMPLATE if self._template_for(item) else ""
        frame = _frame(item, item.at)
        if frame is Frame.FREE:
            return CS if own or self._left(item) > self.spending.reserve or not template else TEMPLATE
        if frame is Frame.PAID and (own or self.spending.paid_news):
            return CS
        return template

    # --- sending ------------------------------------------------------------------------------------------------------
    async def send(self, item: Outgoing) -> Outcome:
        """Sends one message; a second try first looks whether the first arrived."""
        if (quiet := self._quiet_until - _now()) > 0:
            return Outcome(Ending.UNSENT, reason="the channel keeps quiet", pause=quiet)
        try:
            parts = parts_of(item, self.shape, self._spares_files(item))
            there: dict[int, str] = {}
            if item.attempt > 1:
                there = await self._found(item, parts, may_not_ask=True)
                if _whole(there, parts):
                    return Outcome(Ending.SENT, _last(there), "the first try had arrived")
            way = self._way(item)
            if way == TEMPLATE:
                return await self._send_template(item)
            if not way:
                return Outcome(Ending.NO_LEAVE, reason="the person said nothing for too long")
            return await self._send_parts(item, parts, there)
        except (Said, NotSent, Unanswered, NoToken) as error:
            if isinstance(error, Said) and error.code in OFFICERS:
                await self.worry(error.code, item.at)
            return self._outcome(error, item)

    async def worry(self, code: int, at: datetime | None) -> None:
        """Tells officers of what only they can mend; a running process does, see line.py."""

    def _spares_files(self, item: Outgoing) -> bool:
        """Whether a message may be followed by its files, each a message more; else they are links."""
        free = _frame(item, item.at) is Frame.FREE
        return free and self._left(item) > self.spending.reserve + len(item.files)

    async def _found(self, item: Outgoing, parts: list[Part], may_not_ask: bool = False) -> dict[int, str]:
        """What of a message has arrived; `may_not_ask`: without the right to ask it counts as not arrived."""
        try:
            return await self.finder.find(item, parts, within_template(item, self.shape.template_signs))
        except Unanswered as error:  # nothing was sent by asking
            raise NotSent(str(error)) from error
        except Said as error:
            if error.case is not Case.STOP or not may_not_ask:
                raise
            log.warning("the conversation may not be read; give the application that right", code=error.code)
            return {}

    async def _send_parts(self, item: Outgoing, parts: list[Part], there: dict[int, str]) -> Outcome:
        """The first message decides whether the whole is tried again; those after it get patience, then a link."""
        outcome = Outcome(Ending.SENT, _last(there) if there else None)
        for index, part in enumerate(parts):
            if index in there:
                continue
            if index:
                more = await self._send_more(item, part)
                if part.words and more.ending is not Ending.SENT:
                    return replace(
                        more, ending=Ending.REFUSED, reason=f"only a part arrived: {more.reason}", pause=None
                    )
                outcome = replace(outcome, allowance=more.allowance or outcome.allowance)
                outcome = replace(outcome, platform_id=more.platform_id) if part.words else outcome
                continue
            try:
                outcome = await self._send_one(item, part)
            except Said as error:
                if error.case in (Case.WINDOW, Case.MONEY) and self._template_for(item):
                    return await self._send_template(item)
                raise
            except Unanswered as error:
                return Outcome(Ending.UNKNOWN, reason=str(error), wait=10.0, away=True)
        return outcome

    async def _send_one(self, item: Outgoing, part: Part) -> Outcome:
        body = part.body
        if part.file is not None:
            try:
                body = with_asset(part, await self.assets.mark_of(part.file))
            except (
                TooLarge,
                FileNotFoundError,
            ) as error:  # the words go all the same, with the link where there is one
                log.warning("file not sent", reason=type(error).__name__)
                text = "\n".join(line for line in (part.words, link_to(part.file)) if line)
                if not text:
                    return Outcome(Ending.SENT)
                body = {"text": text}
        try:
            said = await self._post(CS, {"recipient": {"user_id": item.external_id}, "message": body})
        except Said as error:
            if error.case is Case.CONTENT and part.plain is not None:
                return await self._send_plain(item, part.plain)
            if error.case is not Case.ASSET or part.file is None:
                raise
            body = with_asset(part, await self.assets.mark_of(part.file, anew=True))  # its seven days were over
            said = await self._post(CS, {"recipient": {"user_id": item.external_id}, "message": body})
        return Outcome(Ending.SENT, str(said.get("message_id", "")), allowance=read_quota(said.get("quota")))

    async def _send_plain(self, item: Outgoing, body: Body) -> Outcome:
        """A list was refused: numbers from now on, unless these are refused too, so it was not for the list."""
        held, self.shape = self.shape, replace(self.shape, lists=False)
        try:
            said = await self._post(CS, {"recipient": {"user_id": item.external_id}, "message": body})
        except Said:
            self.shape = held
            raise
        log.warning("zalo takes no list; numbers from now on")
        return Outcome(Ending.SENT, str(said.get("message_id", "")), allowance=read_quota(said.get("quota")))

    async def _send_more(self, item: Outgoing, part: Part) -> Outcome:
        """A part has arrived, so the whole is never begun again: this one is tried three times."""
        outcome = Outcome(Ending.UNSENT)
        for wait in MORE_TRIES:
            await asyncio.sleep(wait)
            try:
                return await self._send_one(item, part)
            except Unanswered as error:  # it may have arrived
                return Outcome(Ending.UNKNOWN, reason=str(error))
            except (Said, NotSent, NoToken) as error:
                outcome = Outcome(Ending.UNSENT, reason=str(error))
        log.warning("a later part was not sent", reason=outcome.reason)
        return outcome

    def _template_for(self, item: Outgoing) -> str:
        return self.spending.own_template if _own(item) else self.spending.news_template

    async def _send_template(self, item: Outgoing) -> Outcome:
        if item.at is not None and not MORNING <= local(item.at).hour < EVENING:
            return _in_the_morning(item, "templates rest at night")
        words = within_template(item, self.shape.template_signs)
        body = {
            "user_id": item.external_id,
            "template_id": self._template_for(item),
            "template_data": {"content": words},
        }
        said = await self._post(TEMPLATE, body)
        return Outcome(Ending.SENT, str(said.get("message_id", "")))

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        said: dict[str, Any] = await self.api.post(path, body)
        self._misses, self._stopped, self.told_apart = 0, None, False
        return said

    async def probe(self) -> Outcome:
        """Asks for the account's name."""
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                await self.api.get("/v2.0/oa/getoa")
        except TimeoutError:
            return Outcome(Ending.UNKNOWN, reason="no answer in time", away=True)
        except (Said, NotSent, Unanswered, NoToken) as error:
            said = isinstance(error, Said)  # it answers, whatever it says
            return Outcome(Ending.SENT if said else Ending.UNSENT, reason=str(error), away=not said)
        self._misses, self._quiet_until = 0, 0.0
        return Outcome(Ending.SENT)

    async def look(self, item: Outgoing) -> Outcome:
        """Looks in echoes and in the conversation whether a message of unknown fate arrived."""
        parts = parts_of(item, self.shape, self._spares_files(item))
        try:
            there = await self._found(item, parts)
        except (Said, NotSent, NoToken) as error:
            return Outcome(Ending.UNKNOWN, reason=str(error))
        if _whole(there, parts):
            return Outcome(Ending.SENT, _last(there))
        return Outcome(Ending.UNSENT, reason="not found at the platform")

    # --- what went wrong ----------------------------------------------------------------------------------------------
    def _outcome(self, error: Exception, item: Outgoing) -> Outcome:
        """The named outcome of a failed call."""
        reason = str(error)[:300]
        if isinstance(error, NoToken):
            self.told_apart = True
            return self._stop(reason, "Zalo: " + reason)
        if isinstance(error, Unanswered):
            return Outcome(Ending.UNKNOWN, reason=reason, wait=10.0, away=True)
        if isinstance(error, Busy):
            return Outcome(Ending.UNSENT, reason=reason, pause=2.0)
        if isinstance(error, NotSent):
            if _now() >= self._quiet_until:  # those that failed together count once
                self._misses += 1
            pause = self._rest(min(2.0**self._misses / 2, LONGEST_REST))
            return Outcome(Ending.UNSENT, reason=reason, pause=pause, away=True)
        assert isinstance(error, Said)
        return self._of_case(error, item, reason)

    def _of_case(self, error: Said, item: Outgoing, reason: str) -> Outcome:
        case = error.case
        if case is Case.RATE:
            return Outcome(Ending.UNSENT, reason=reason, pause=self._rest(RATE_REST))
        if case is Case.STOP:
            self.remedy = REMEDIES.get(error.code, RIGHT)
            return self._stop(reason, WORDS.get(error.code, f"Zalo does not let us ({reason}); see oa.zalo.me"))
        if case is Case.TOKEN:  # refused, renewed, refused again
            self.remedy = RIGHT
            return self._stop(
                reason, "Zalo takes no token of ours: a new consent or a missing right of the application"
            )
        if case is Case.MONEY:
            if item.broadcast_id is not None:  # five alike pause the broadcast
                return Outcome(Ending.REFUSED, reason=reason)
            log.error("zalo quota or balance used up", code=error.code)
            waits = Ending.NO_LEAVE if item.worth_waiting else Ending.UNSENT
            return Outcome(waits, reason=reason, wait=1800.0)
        if case is Case.TEMPLATE:
            self._give_up_template(item)
        if case is Case.NIGHT:
            return _in_the_morning(item, reason)
        plain = {
            Case.AGAIN: Outcome(Ending.UNSENT, wait=15.0),
            Case.LATER: Outcome(Ending.UNSENT, wait=60.0),
            Case.ASSET: Outcome(Ending.UNSENT, wait=5.0),
            Case.WINDOW: Outcome(Ending.NO_LEAVE),
            Case.FULL: Outcome(Ending.NO_LEAVE),
            Case.LEFT: Outcome(Ending.REFUSED, address=AddressState.BLOCKED),
            Case.ASLEEP: Outcome(Ending.REFUSED, address=AddressState.INVALID),
            Case.UNSUBSCRIBED: Outcome(Ending.REFUSED, no_news=True),
            Case.CONTENT: Outcome(Ending.REFUSED),
            Case.TEMPLATE: Outcome(Ending.NO_LEAVE),
            Case.STRANGE: Outcome(Ending.ERRED, wait=30.0),
        }
        return replace(plain[case], reason=reason)

    def _give_up_template(self, item: Outgoing) -> None:
        """Until the settings name another one there is none: answers wait, news is skipped."""
        gone = self._template_for(item)
        if not gone:  # one that was on its way at the same time has found it out
            return
        log.error("zalo template goes to nobody by user id", template=gone)
        held = self.spending
        own, news = (one if one != gone else "" for one in (held.own_template, held.news_template))
        self.spending = replace(held, own_template=own, news_template=news)

    def _rest(self, seconds: float) -> float:
        """Lets this process send nothing for so long; the seconds that are left."""
        self._quiet_until = max(self._quiet_until, _now() + seconds)
        return self._quiet_until - _now()

    def _stop(self, reason: str, why: str) -> Outcome:
        if self._stopped is None:
            log.error("channel stopped", channel=self.name, why=why)
        self._stopped = (why, _now() + STOP_SECONDS)
        return Outcome(Ending.UNSENT, reason=reason, wait=STOP_SECONDS)

    # --- files --------------------------------------------------------------------------------------------------------
    async def fetch(self, file_id: str, most: int) -> bytes:
        """Reads a file that a person sent."""
        return await fetched(self.api, file_id, most, self.spending.file_hosts)

    async def close(self) -> None:
        """Gives the connections back, once a renewal on its way has ended."""
        await self.api.tokens.finish()
        await self.api.close()


def _whole(there: dict[int, str], parts: list[Part]) -> bool:
    """Whether all words have arrived; what hangs below without words is not sent a second time."""
    return -1 in there or len(there) == sum(bool(part.words) for part in parts)


def _last(there: dict[int, str]) -> str:
    return there[max(there)]


def _own(item: Outgoing) -> bool:
    """Whether it is an answer, or concerns what the person did here."""
    return item.broadcast_id is None and (item.kind is Kind.REPLY or item.about_self)


def _frame(item: Outgoing, now: datetime | None) -> Frame:
    if item.seen_at is None or now is None:
        return Frame.FREE
    return standing(NAME, item.seen_at, now, MARGIN).frame


def _in_the_morning(item: Outgoing, reason: str) -> Outcome:
    """Waits until the morning, with a little chance so that not all come at once."""
    if item.at is None:
        return Outcome(Ending.UNSENT, reason=reason, wait=3600.0)
    here = local(item.at)
    start = here.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    start += timedelta(days=1) if here >= start else timedelta(0)
    return Outcome(Ending.UNSENT, reason=reason, wait=(start - here).total_seconds() + random.uniform(1, 300))


def _now() -> float:
    return asyncio.get_running_loop().time()
