"""The wire to the Bot API over TLS: a certificate that is trusted carries calls, another one lets nothing leave."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.channels.telegram_wire import Answer, Lack, Wire

LOOPBACK = "127.0.0.1"


def certificate(folder: Path) -> Path:
    """A certificate for the loopback address with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, LOOPBACK)])
    began = datetime.now(UTC) - timedelta(hours=1)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(began).not_valid_after(began + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    kind = serialization
    file = folder / "loopback.pem"
    file.write_bytes(
        key.private_bytes(kind.Encoding.PEM, kind.PrivateFormat.PKCS8, kind.NoEncryption())
        + made.public_bytes(kind.Encoding.PEM)
    )
    return file


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers every request of a connection with its own body."""
    while head := await reader.readuntil(b"\r\n\r\n"):
        size = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        body = await reader.readexactly(size)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: " + str(size).encode() + b"\r\n\r\n" + body)
        await writer.drain()


async def called(file: Path) -> list[Answer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server = await asyncio.start_server(echo, LOOPBACK, 0, ssl=context)
    wire = Wire(f"https://{LOOPBACK}:{server.sockets[0].getsockname()[1]}/bot1:x/")
    try:
        return [
            await wire.call("sendMessage", body) for body in (b'{"text": "m\xe1\xba\xb9 \xc6\xa1i"}', b"x" * 200_000)
        ]
    finally:
        wire.close()
        server.close()


@pytest.mark.asyncio
async def test_a_trusted_certificate_carries_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = certificate(tmp_path)
    monkeypatch.setattr(certifi, "where", lambda: str(file))
    short, long = await called(file)
    assert (short.status, short.body) == (200, b'{"text": "m\xe1\xba\xb9 \xc6\xa1i"}')
    assert (long.status, len(long.body)) == (200, 200_000)


@pytest.mark.asyncio
async def test_nothing_leaves_to_an_unknown_certificate(tmp_path: Path) -> None:
    assert {answer.lack for answer in await called(certificate(tmp_path))} == {Lack.UNWRITTEN}
