"""What a file is, told by its first bytes alone: one of the kinds we take, or a refusal."""

from __future__ import annotations

import re
from dataclasses import dataclass

from datasets_app.media.facts import MediaRefused

HEAD = 4096
TAIL = 65_557  # The end record of a ZIP archive with the longest comment.

_IMAGE_SUFFIXES = ("png", "jpg", "jpeg", "webp", "gif")
_VIDEO_SUFFIXES = ("mp4", "mov", "m4v", "webm")
_AUDIO_SUFFIXES = ("wav", "mp3", "flac", "ogg", "oga", "opus")
_ARTICLES = {"image": "an image", "video": "a video", "audio": "an audio file"}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind we take: `title` for people, `decoder` is the one format Pillow or FFmpeg may try."""

    title: str
    modality: str
    mime: str
    decoder: str


JPEG = Kind("JPEG", "image", "image/jpeg", "JPEG")
PNG = Kind("PNG", "image", "image/png", "PNG")
WEBP = Kind("WebP", "image", "image/webp", "WEBP")
GIF = Kind("GIF", "image", "image/gif", "GIF")
MP4 = Kind("MP4", "video", "video/mp4", "mp4")
WEBM = Kind("WebM", "video", "video/webm", "webm")
WAV = Kind("WAV", "audio", "audio/wav", "wav")
MP3 = Kind("MP3", "audio", "audio/mpeg", "mp3")
FLAC = Kind("FLAC", "audio", "audio/flac", "flac")
OGG = Kind("Ogg", "audio", "audio/ogg", "ogg")

_TAKEN: tuple[tuple[re.Pattern[bytes], Kind], ...] = (
    (re.compile(rb"\xff\xd8\xff"), JPEG),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), PNG),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), WEBP),
    (re.compile(rb"GIF8[79]a"), GIF),
    (
        re.compile(rb"....ftyp(?:isom|iso[2-9]|mp4[12]|avc1|M4V |MSNV|qt  |3gp|dash)", re.DOTALL),
        MP4,
    ),
    (re.compile(rb"....(?:moov|mdat|wide)", re.DOTALL), MP4),
    (re.compile(rb"\x1aE\xdf\xa3.{0,60}\x42\x82[\x40-\xff].{0,7}?webm", re.DOTALL), WEBM),
    (re.compile(rb"RIFF....WAVE", re.DOTALL), WAV),
    (re.compile(rb"ID3[\x02-\x04]|\xff[\xfa\xfb\xf2\xf3\xe2\xe3]"), MP3),
    (re.compile(rb"fLaC"), FLAC),
    (re.compile(rb"OggS\0"), OGG),
)

# Named only so that a refusal can say what was found. Order matters: text last.
_REFUSED: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"%PDF-"), "a PDF"),
    (re.compile(rb"PK\x03\x04|PK\x05\x06"), "a ZIP archive"),
    (re.compile(rb"\x1f\x8b"), "a gzip archive"),
    (re.compile(rb"Rar!|7z\xbc\xaf|\x28\xb5\x2f\xfd"), "an archive"),
    (re.compile(rb"II\*\0|MM\0\*"), "a TIFF"),
    (re.compile(rb"BM....\0\0\0\0", re.DOTALL), "a BMP"),
    (re.compile(rb"\0\0\x01\0"), "an ICO"),
    (re.compile(rb"8BPS"), "a Photoshop file"),
    (re.compile(rb"%!PS|\xc5\xd0\xd3\xc6"), "PostScript"),
    (re.compile(rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51"), "a JPEG 2000"),
    (re.compile(rb"....ftyp(?:hei|hev|mif1|msf1)", re.DOTALL), "a HEIC"),
    (re.compile(rb"....ftypavi[fs]", re.DOTALL), "an AVIF"),
    (re.compile(rb"....ftypM4[AB] ", re.DOTALL), "an M4A"),
    (re.compile(rb"\x1aE\xdf\xa3"), "a Matroska file that is not WebM"),
    (re.compile(rb"RIFF....AVI ", re.DOTALL), "an AVI"),
    (re.compile(rb"FLV\x01"), "a Flash video"),
    (re.compile(rb"\x00\x00\x01[\xba\xb3]|G.{187}G", re.DOTALL), "an MPEG stream"),
    (re.compile(rb"\x7fELF|MZ"), "a program"),
    (re.compile(rb"\s*(?:#EXTM3U|ffconcat|\[playlist\])", re.IGNORECASE), "a playlist"),
    (re.compile(rb"[^<]{0,64}(?:<\?xml[^>]*>\s*)?<(?:MPD|smil|SmoothStreaming)"), "a playlist"),
    (re.compile(rb".{0,1024}<svg[\s>]", re.DOTALL | re.IGNORECASE), "an SVG"),
    (
        re.compile(
            rb".{0,1024}<(?:!doctype html|html|head|body|script)\b", re.DOTALL | re.IGNORECASE
        ),
        "HTML",
    ),
    (re.compile(rb"\s*<\?xml"), "XML"),
    (re.compile(rb"\s*[\[{]"), "JSON"),
    (re.compile(rb"version https://git-lfs"), "a Git LFS pointer without its file"),
)


def kind_of(head: bytes, *, name: str, expect: str = "") -> Kind:
    """Return the kind of a file from its first `HEAD` bytes.

    The name's ending is used for the wording only, never to decide. Raises MediaRefused when the
    kind is not taken, or is of another modality than `expect` ("image", "video", "audio", ""); like
    all the child's reasons, that one lacks the file's name, which `child` puts in front.
    """
    wanted = _wanted(name, expect)
    for pattern, kind in _TAKEN:
        if pattern.match(head):
            if expect and kind.modality != expect:
                raise MediaRefused(f"is {_ARTICLES[kind.modality]} ({kind.title}), not {wanted}")
            return kind
    raise MediaRefused(f"is {_what_else(head)}, not {wanted}")


def refuse_two_faced(head: bytes, tail: bytes) -> None:
    """Raise MediaRefused when a file is at once something we take and a PDF or a ZIP archive.

    A PDF may begin anywhere in the first 1,024 bytes; a ZIP archive is read from its end, where a
    record must say by the length of its comment that the file ends just there.
    """
    if b"%PDF-" in head[:1024]:
        raise MediaRefused("is two files in one: it is a PDF as well")
    at = tail.rfind(b"PK\x05\x06")
    if at >= 0 and at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail):
        raise MediaRefused("is two files in one: it is a ZIP archive as well")


def _wanted(name: str, expect: str) -> str:
    if expect:
        return _ARTICLES[expect]
    suffix = name.rpartition(".")[2].lower()
    for suffixes, modality in (
        (_IMAGE_SUFFIXES, "image"),
        (_VIDEO_SUFFIXES, "video"),
        (_AUDIO_SUFFIXES, "audio"),
    ):
        if suffix in suffixes:
            return _ARTICLES[modality]
    return "an image, a video or an audio file that Castor takes"


def _what_else(head: bytes) -> str:
    for pattern, found in _REFUSED:
        if pattern.match(head):
            return found
    if head and not any(byte < 9 for byte in head):
        return "text"
    return "of an unknown kind"
