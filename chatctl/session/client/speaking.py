"""What a client says to a server, when it may, in the words that server understands."""

from msgspec.structs import replace

from chatctl.errors import ErrorCode, PacketError
from chatctl.session.client.catchup import CatchUp
from chatctl.session.client.events import Delivery, Members, Refused, Said, Saying
from chatctl.session.client.mind import Mind
from chatctl.session.client.outbox import Outgoing
from chatctl.session.client.settings import EVERYTHING, Phase
from chatctl.session.names import brief
from chatctl.wire.packets import (
    LOBBY,
    VERSION,
    Act,
    AskHistory,
    AskRooms,
    AskWho,
    Bye,
    ChangeNick,
    Enter,
    Exit,
    Hello,
    Packet,
    Ping,
    Resume,
    Say,
    SetTopic,
    Tell,
)

Question = AskHistory | AskRooms | AskWho | ChangeNick | Enter | Exit | Ping | SetTopic
LINK_LOST = "link-lost"
UNCONFIRMED = "the link ended before the server confirmed it"
UNSENT = "there was no link to send it on"
NO_ANSWER = "no-answer"


class Speaking:
    """Puts words and questions on the link there is; what cannot go yet waits."""

    def __init__(self, mind: Mind) -> None:
        self._mind = mind
        self._waiting: list[Question] = []

    @property
    def asked(self) -> int:
        """How many questions have no answer yet."""
        return len(self._mind.asked) + len(self._waiting)

    def hello(self) -> None:
        """Introduce ourselves, with what we know of a session before."""
        mind = self._mind
        if mind.settings.base:
            mind.send(Hello(mind.nick))
            return
        resume = Resume(mind.token, mind.places.cursors()) if mind.token else None
        mind.send(Hello(mind.nick, VERSION, EVERYTHING, resume))

    def say(self, text: str, how: Saying, room: str) -> str:
        """Take charge of *text*, tell it as pending, and return its id."""
        mind = self._mind
        how = Saying.DIRECT if room.startswith("@") else how
        to = room[1:] if how is Saying.DIRECT else ""
        item = Outgoing(mind.new_id(), text, how, room)
        pending = Delivery.PENDING
        mind.tell(Said(mind.nick, text, room, how, to, id=item.id, own=True, state=pending))
        mind.outbox.add(item)
        return item.id

    def too_long(self, text: str) -> str:
        """Return why the server would refuse the length of *text*; empty if it would not.

        A text far over the limit makes a frame over another one, at which servers hang up.
        """
        size, limit = len(text.encode(errors="replace")), self._mind.limit("text")
        return f"a text has at most {limit:.15g} octets of UTF-8, this one {size}" * (size > limit)

    def retry(self, key: str) -> bool:
        """Make pending again what has failed under *key*; False if nothing has."""
        item = self._mind.outbox.get(key)
        if item is None or item.state is not Delivery.FAILED:
            return False
        self._mind.outbox.retry(item)
        self._mind.receipt(item)
        return True

    def ask(self, question: Question) -> str:
        """Take charge of *question* and return the id it got."""
        question = replace(question, id=self._mind.new_id())
        self._waiting.append(question)
        return question.id

    def bye(self, reason: str) -> None:
        """Say goodbye, if there is a *reason* for the others and a server that can tell them."""
        if reason and self._mind.phase is Phase.EXTENDED:
            self._mind.send(Bye(reason=brief(reason)))

    def ping(self, now: float) -> None:
        """Try the link."""
        request = self._mind.new_id()
        self._mind.send(Ping(request))
        self._mind.heartbeat.pinged(request, now)

    def go_on(self, now: float) -> None:
        """Send what may be sent now, and settle what is due. A link has to be talking."""
        mind = self._mind
        self._put_questions(now)
        for item in mind.outbox.overdue(now, mind.settings.receipt, mind.settings.echo):
            self._overdue(item)
        while not mind.catchup and (items := mind.outbox.to_send(now)):
            for item in items:  # those that fail here make room for more
                self._put(item, now)

    def link_lost(self) -> None:
        """Forget what was on the link; fail what can neither be confirmed nor said again."""
        mind = self._mind
        mind.catchup = CatchUp()
        mind.probes.clear()
        mind.frames.clear()
        for item in mind.outbox.link_lost():
            mind.fail(item, LINK_LOST, UNCONFIRMED)
        for request in sorted(mind.asked):
            mind.tell(Refused(LINK_LOST, "the link was lost before the answer came", request))
        mind.asked.clear()

    def give_up(self) -> None:
        """Fail all that waits: there is no link any more, and none will be made."""
        mind = self._mind
        for item in mind.outbox.waiting():
            mind.fail(item, LINK_LOST, UNCONFIRMED if item.tried else UNSENT)
        questions, self._waiting = self._waiting, []
        for question in questions:
            mind.tell(Refused(LINK_LOST, "there is no link to ask on", question.id))

    def _overdue(self, item: Outgoing) -> None:
        mind = self._mind
        if item.named:
            mind.fail(item, NO_ANSWER, "no answer from the server")
        else:
            mind.outbox.settle_unechoed(item)
            mind.receipt(item)

    def _put(self, item: Outgoing, now: float) -> None:
        """Send *item* as far as this server can take it."""
        mind = self._mind
        named = mind.phase is Phase.EXTENDED
        packet = _extended(item) if named else _base(item)
        if packet is None:
            kind = item.how.value if item.how is Saying.DIRECT else "room"
            mind.fail(item, ErrorCode.UNSUPPORTED, _not_base(kind))
            return
        if problem := self.too_long(item.text):
            mind.fail(item, ErrorCode.TEXT_TOO_LONG, problem)
            return
        try:
            mind.send(packet, mind.limit("payload"))
        except PacketError as error:
            mind.fail(item, ErrorCode.TOO_BIG, str(error))
        else:
            mind.outbox.sent(item, now, named=named)

    def _put_questions(self, now: float) -> None:
        mind = self._mind
        questions, self._waiting = self._waiting, []
        for question in questions:
            if mind.phase is Phase.BASE:
                mind.tell(self._base_answer(question))
            else:
                self._put_question(question, now)

    def _base_answer(self, question: Question) -> Members | Refused:
        """Return what can be answered here, as a server of the base protocol answers nothing."""
        if isinstance(question, AskWho) and question.room in {"", LOBBY}:
            mind = self._mind
            return Members(LOBBY, mind.roster.known(mind.nick), partial=True, id=question.id)
        problem = _not_base(str(type(question).__struct_config__.tag))
        return Refused(ErrorCode.UNSUPPORTED, problem, question.id)

    def _put_question(self, question: Question, now: float) -> None:
        mind = self._mind
        try:
            mind.send(question, mind.limit("payload"))
        except PacketError as error:
            mind.tell(Refused(ErrorCode.TOO_BIG, str(error), question.id))
            return
        mind.asked.add(question.id)
        if isinstance(question, Ping):
            mind.heartbeat.pinged(question.id, now)


def _not_base(kind: str) -> str:
    """Return why packets of the type *kind*, as the commands are called too, cannot be sent."""
    return f"{kind!r} is not in the base protocol, and this server speaks no other"


def _extended(item: Outgoing) -> Packet:
    room = "" if item.room == LOBBY else item.room
    match item.how:
        case Saying.CHAT:
            return Say(item.text, room, item.id)
        case Saying.ACTION:
            return Act(item.text, room, item.id)
        case Saying.DIRECT:
            return Tell(item.room[1:], item.text, item.id)


def _base(item: Outgoing) -> Packet | None:
    """Return *item* in the words of the base protocol; None where it has none for it."""
    return Say(item.base_text) if item.room == LOBBY else None
