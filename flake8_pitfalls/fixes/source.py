"""A module's text, and the way back to its bytes.

Nothing is normalised: line endings, a byte order mark and the declared encoding come back as they were.
"""

from __future__ import annotations

import io
import tokenize
from codecs import BOM_UTF8
from dataclasses import dataclass


class UnusableSource(Exception):
    """Bytes can't be turned into text, or text into bytes; ``reason`` is the end of a sentence about the file."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Source:
    """What was read: ``text`` has no byte order mark and its own line endings."""

    text: str
    encoding: str
    bom: bool
    data: bytes

    def encode(self, text: str) -> bytes:
        """Return ``text`` as bytes in the encoding and with the byte order mark of what was read.

        Raises UnusableSource when the encoding has no byte for a character.
        """
        try:
            encoded = text.encode(self.encoding)
        except UnicodeError as error:
            raise UnusableSource(f"its encoding {self.encoding} can't express the result ({error})") from error
        return BOM_UTF8 + encoded if self.bom else encoded

    def lines(self) -> list[str]:
        r"""Return the lines as Python reads them: each with ``\n`` at its end, but maybe the last."""
        return list(io.StringIO(self.text, newline=None))


def read_source(path: str) -> Source:
    """Read a file.

    Raises OSError, and UnusableSource when its bytes don't fit its encoding.
    """
    with open(path, "rb") as file:
        return decode_source(file.read())


def decode_source(data: bytes) -> Source:
    """Turn the bytes of a module into text, as Python would: byte order mark, else coding cookie, else UTF-8.

    Raises UnusableSource when the encoding is unknown, doesn't fit, or would not lead back to the same bytes.
    """
    encoding = _encoding_of(data)
    bom = data.startswith(BOM_UTF8)
    body = data[len(BOM_UTF8) :] if bom else data
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise UnusableSource(f"byte 0x{body[error.start]:02x} on line {line} isn't valid {encoding}") from error
    except (UnicodeError, LookupError) as error:
        raise UnusableSource(f"it can't be decoded as {encoding}") from error
    source = Source(text, encoding, bom, data)
    if source.encode(text) != data:
        raise UnusableSource(f"decoding it as {encoding} isn't reversible")
    return source


def _encoding_of(data: bytes) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        if error.msg.startswith("unknown encoding"):
            raise UnusableSource(error.msg) from error
        return _first_line_problem(data, error)
    return "utf-8" if encoding == "utf-8-sig" else encoding


def _first_line_problem(data: bytes, error: SyntaxError) -> str:
    """Leave bytes that aren't UTF-8 to the decoder, which knows their place; raise UnusableSource for the rest."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "utf-8"
    raise UnusableSource(error.msg) from error
