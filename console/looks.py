"""How a message to many will look on channels that show it in their own way."""

from dataclasses import replace

from conversation.reply import Choice, Enclosure, Reply, within_template
from domain.text import nfc

ZALO_BUTTONS = 4  # more go as numbers; all of this as `bot/channels/zalo/write.py` does it
ZALO_PICTURES = ("image/png", "image/jpeg")
ZALO_FILES = (".pdf", ".doc", ".docx")


def numbered(reply: Reply) -> str:
    """As a channel without buttons or files shows it."""
    links = [f"{file.label}: {file.url}" for file in reply.files]
    return "\n".join([reply.text, *links, *(f"  {n}. {one.label}" for n, one in enumerate(reply.choices, 1))])


def in_template(reply: Reply, signs: int) -> tuple[str, bool]:
    """As whoever is out of the free frame gets it, within an approved template; whether some of the text is cut."""
    links = [f"{file.label}: {file.url}" for file in reply.files]
    shown = within_template(reply.text, [one.label for one in reply.choices], links, signs)
    return shown, not shown.startswith(nfc(reply.text))


def on_zalo(reply: Reply) -> tuple[str, tuple[Choice, ...], list[Enclosure]]:
    """As Zalo shows it while messages are left: the words, the buttons, the files that follow."""
    taken = [file for file in reply.files if file.mime in ZALO_PICTURES or file.name.lower().endswith(ZALO_FILES)]
    links = tuple(file for file in reply.files if file not in taken)
    if len(reply.choices) > ZALO_BUTTONS:
        return numbered(replace(reply, files=links)), (), taken
    return numbered(replace(reply, files=links, choices=())), reply.choices, taken
