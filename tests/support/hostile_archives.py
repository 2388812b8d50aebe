"""Zips made to deceive, by family, the same at every run; written at run time, never kept.

Each case is bytes and what must come of it: `refused` (the whole archive, with a code),
`read` (everything in it is honest and comes in), `either` (damage: one or the other, but
nothing else). Run as a module on an empty folder, this file makes every case, reads and
imports it and prints a line of JSON for each, so that a crash or a leak is not the test's own.
"""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import stat
import struct
import sys
import tempfile
import time
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from blockwright.contracts.problems import BlockwrightError
from blockwright.datasets.archive import READ_ERRORS, Archive, ArchiveLimits
from blockwright.datasets.csv_head import TableLimits
from blockwright.datasets.npy import read_array
from blockwright.datasets.table_files import read_csv
from tests.support.dataset_zips import import_files
from tests.support.memory import peak_mb

Expected = Literal["refused", "read", "either", "damaged"]
# As many of the flipped archives go through the whole import; all are read.
IMPORTED_FLIPS = 100
LIMITS = ArchiveLimits(entries=20_000, expanded_bytes=32 << 30)
HONEST = {"a.npy": 1.0, "b.npy": 2.0}
INDEX = "fname,Bark\na.npy,1\nb.npy,0\n"


@dataclass(frozen=True)
class Case:
    family: str
    name: str
    expected: Expected
    make: Callable[[], bytes]
    codes: frozenset[str] = frozenset()


def npy(fill: float = 1.0, shape: tuple[int, ...] = (8, 6)) -> bytes:
    content = io.BytesIO()
    np.save(content, np.full(shape, fill, "f4"), allow_pickle=False)
    return content.getvalue()


def honest(extra: dict[str, bytes] | None = None, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(content, "w", method) as archive:
        warnings.simplefilter("ignore")
        entries = {"index.csv": INDEX.encode(), "a.npy": npy(1), "b.npy": npy(2)}
        for name, data in [*entries.items(), *(extra or {}).items()]:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return content.getvalue()


# --- zips built by hand, so that every field may lie -------------------------------------


@dataclass
class Entry:
    name: bytes
    data: bytes = b"x"
    local_name: bytes | None = None
    method: int = 0
    packed: bytes | None = None
    size: int | None = None
    packed_size: int | None = None
    crc: int | None = None
    flags: int = 0x800
    attributes: int = 0
    offset: int | None = None
    extra: bytes = b""
    version: int = 20
    skip_local: bool = False


def build(
    entries: list[Entry], *, end: dict[str, int] | None = None, comment: bytes = b""
) -> bytes:
    """Write a zip; what an entry or `end` names stands there, true or not."""
    body = io.BytesIO()
    central = io.BytesIO()
    for entry in entries:
        packed = entry.data if entry.packed is None else entry.packed
        crc = zlib.crc32(entry.data) if entry.crc is None else entry.crc
        size = len(entry.data) if entry.size is None else entry.size
        packed_size = len(packed) if entry.packed_size is None else entry.packed_size
        offset = body.tell() if entry.offset is None else entry.offset
        numbers = (entry.flags, entry.method, 0, 0x21, crc, packed_size, size)
        if not entry.skip_local:
            local_name = entry.name if entry.local_name is None else entry.local_name
            head = struct.pack("<4s5H3L2H", b"PK\3\4", entry.version, *numbers, len(local_name), 0)
            body.write(head + local_name + packed)
        head = struct.pack("<4s6H3L", b"PK\1\2", 20 | 3 << 8, entry.version, *numbers)
        lengths = struct.pack("<5H2L", len(entry.name), len(entry.extra), 0, 0, 0, 0, offset)
        lengths = lengths[:-8] + struct.pack("<2L", entry.attributes, offset & 0xFFFF_FFFF)
        central.write(head + lengths + entry.name + entry.extra)
    told = {
        "disk": 0,
        "start_disk": 0,
        "here": len(entries) & 0xFFFF,
        "entries": len(entries) & 0xFFFF,
        "size": central.tell(),
        "offset": body.tell(),
        "comment": len(comment),
    } | (end or {})
    tail = struct.pack("<4s4H2LH", b"PK\5\6", *told.values())
    return body.getvalue() + central.getvalue() + tail + comment


def with_index(*entries: Entry, **told: int) -> bytes:
    base = [Entry(b"index.csv", INDEX.encode()), Entry(b"a.npy", npy(1)), Entry(b"b.npy", npy(2))]
    return build([*base, *entries], end=told or None)


def zip64_end(listed: list[Entry], **told: int) -> bytes:
    """Write a zip whose end is told in 64 bits."""
    plain = build(listed)
    end_at = len(plain) - 22
    _, _, _, _, count, size, offset, _ = struct.unpack("<4s4H2LH", plain[end_at:])
    numbers = {"here": count, "entries": count, "size": size, "offset": offset} | told
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, *numbers.values())
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end_at, 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return plain[:end_at] + record + locator + end


# --- families -------------------------------------------------------------------------------

UNSAFE_NAMES = [
    *("../x.npy", "../../../../etc/cron.d/x", "a/../../x", "a/b/../../../x", "..", "a/..", "../"),
    *("./../x", "..\\x.npy", "..\\..\\x", "a\\..\\..\\x", "..\\", "a/..\\../x", "\\..\\x"),
    *("/etc/passwd", "/x", "//server/share/x", "\\\\server\\share\\x", "\\x", "\\\\?\\C:\\x"),
    *("C:/x", "C:\\x", "c:x", "Z:\\Windows\\x", "D:", "file:///etc/passwd/../x", "C:../x"),
    *("a\0b.npy", "a.npy\0.png", "\0", "x\n../y", "a\x1b[2Jb", "a\rb", "\x7f", "a\tb"),
    *("a\u202egnp.npy", "\u2066x\u2069", "/".join("d" * 17), "n" * 1_100, ".", "./"),
]
# Names that are odd, but only data here, since nothing is ever written under them.
ODD_NAMES = ["con.txt", "NUL", "aux.txt", "x.", "x ", "a//b", "~/x", "$HOME", "-rf", "%2e%2e/x"]


def traversal() -> Iterator[Case]:
    unsafe = frozenset({"data.archive_unsafe_name"})
    for name in UNSAFE_NAMES:
        raw = name.encode()
        yield Case(
            "traversal", ascii(name), "refused", lambda raw=raw: with_index(Entry(raw)), unsafe
        )
    for name in ODD_NAMES:
        raw = name.encode()
        yield Case("traversal", ascii(name), "read", lambda raw=raw: with_index(Entry(raw)))


def links_and_devices() -> Iterator[Case]:
    goals = ["/etc/passwd", "../../x", ".", "a.npy", "/proc/self/mem", "\\\\server\\x"]
    kinds = {"link": stat.S_IFLNK, "fifo": stat.S_IFIFO, "socket": stat.S_IFSOCK}
    kinds |= {"characters": stat.S_IFCHR, "blocks": stat.S_IFBLK}
    for kind, mode in kinds.items():
        for number, goal in enumerate(goals if kind == "link" else goals[:2]):
            for name in (b"x.npy", b"folder/"):
                entry = Entry(name, goal.encode(), attributes=(mode | 0o777) << 16)
                yield Case(
                    "links",
                    f"{kind} {name.decode()} {number}",
                    "refused",
                    lambda entry=entry: with_index(entry),
                    frozenset({"data.archive_link"}),
                )


def bombs() -> Iterator[Case]:
    for size in (2 << 20, 8 << 20, 64 << 20):
        no_array = honest({"c.npy": b"\0" * size})
        yield Case("bombs", f"zeros {size >> 20} MiB", "damaged", lambda content=no_array: content)
        zeros = honest({"c.npy": npy(0, (size >> 2,))})
        yield Case(
            "bombs", f"array of zeros {size >> 20} MiB", "read", lambda content=zeros: content
        )
    told_size = Entry(b"c.npy", b"", method=8, packed=_packed_zeros(1 << 20), size=(3 << 30))
    yield Case("bombs", "one of 3 GiB beside honest ones", "damaged", lambda: with_index(told_size))
    bomb = frozenset({"data.archive_bomb"})
    yield Case("bombs", "many small that swell", "refused", _many_small, bomb)
    yield Case("bombs", "one kernel, 200 overlapping", "refused", _overlapping)
    yield Case("bombs", "all entries at one place", "refused", _same_place)
    yield Case("bombs", "quoted headers", "refused", _quoted)
    yield Case("bombs", "nested zips", "read", _nested)
    many = frozenset({"data.archive_too_many_entries"})
    yield Case("bombs", "100 000 entries", "refused", lambda: _many_entries(100_000, 0), many)
    yield Case("bombs", "100 000 entries told as 3", "refused", lambda: _many_entries(100_000, 3))
    told = frozenset({"data.archive_inconsistent"})
    yield Case("bombs", "fewer told", "refused", lambda: with_index(entries=1), told)
    yield Case("bombs", "more told", "refused", lambda: with_index(entries=60_000), told)
    base = [Entry(b"index.csv", INDEX.encode()), Entry(b"a.npy", npy(1)), Entry(b"b.npy", npy(2))]
    yield Case("bombs", "honest zip64 end", "read", lambda: zip64_end(base))
    for name, lie in {
        "entries 2^60": {"entries": 1 << 60},
        "size 2^40": {"size": 1 << 40},
        "size 2^63": {"size": (1 << 63) + 5},
        "offset 2^62": {"offset": 1 << 62},
        "offset 2^64-1": {"offset": (1 << 64) - 1},
        "entries 2": {"entries": 2},
    }.items():
        expected: Expected = "either" if name.startswith("offset") else "refused"
        yield Case("bombs", f"zip64 {name}", expected, lambda lie=lie: zip64_end(base, **lie))
    wide = struct.pack("<HHQ", 1, 8, 1 << 50)
    huge = Entry(b"c.npy", npy(3), size=0xFFFF_FFFF, extra=wide)
    yield Case("bombs", "zip64 size 2^50", "refused", lambda: with_index(huge))
    short = Entry(b"c.npy", npy(3), size=0xFFFF_FFFF, extra=b"\1\0\2\0ab")
    yield Case("bombs", "zip64 extra cut", "refused", lambda: with_index(short))
    yield Case("bombs", "crc lies", "damaged", lambda: with_index(Entry(b"c.npy", npy(3), crc=7)))
    for name, size in {"says more": 10_000, "says less": 100, "says nothing": 0}.items():
        lying = Entry(b"c.npy", npy(3), size=size)
        yield Case("bombs", f"size {name}", "damaged", lambda lying=lying: with_index(lying))
    swollen = Entry(b"c.npy", npy(3), method=8, packed=zlib.compress(b"\0" * 10**8, 9)[2:-4])
    yield Case("bombs", "size hides 100 MB", "damaged", lambda: with_index(swollen))
    other = Entry(b"c.npy", npy(3), local_name=b"../../c.npy")
    yield Case("bombs", "local name differs", "damaged", lambda: with_index(other))
    broken = Entry(b"c.npy", npy(3), local_name=b"\xff\xfe\xfd")
    yield Case("bombs", "local name is no UTF-8", "damaged", lambda: with_index(broken))
    for name, offset in {
        "beyond the end": 10**8,
        "inside the table": -1,
        "2^32-1": 2**32 - 1,
    }.items():
        yield Case("bombs", f"offset {name}", "refused", lambda offset=offset: _misplaced(offset))


def _packed_zeros(size: int) -> bytes:
    packer = zlib.compressobj(9, wbits=-15)
    return packer.compress(b"\0" * size) + packer.flush()


def _many_small() -> bytes:
    """Each for itself could be a silent clip; 17 GiB of them together are none."""
    data = b"\0" * (1 << 20)
    packed, crc = _packed_zeros(len(data)), zlib.crc32(data)
    entries = [
        Entry(b"c%d" % n, b"", method=8, packed=packed, size=len(data), crc=crc)
        for n in range(17 << 10)
    ]
    return with_index(*entries)


def _overlapping() -> bytes:
    packed = _packed_zeros(10**6)
    first = Entry(b"c.npy", b"", method=8, packed=packed, size=10**6)
    rest = [
        Entry(b"c%d" % n, b"", method=8, packed=packed, size=10**6, offset=0, skip_local=True)
        for n in range(200)
    ]
    return with_index(first, *rest)


def _same_place() -> bytes:
    rest = [Entry(b"c%d" % n, npy(1), offset=0, skip_local=True) for n in range(50)]
    return with_index(*rest)


def _quoted() -> bytes:
    """Each entry's packed bytes reach over all the following headers (Fifield, 2019)."""
    entries = [Entry(b"q%03d" % n, b"", packed=b"", size=5_000) for n in range(100)]
    for number, entry in enumerate(entries):
        entry.packed_size = (100 - number) * 34
    return with_index(*entries)


def _nested() -> bytes:
    inner = honest({"deeper.zip": honest({"zeros": b"\0" * 100_000})})
    return honest({"inner.zip": inner})


def _many_entries(count: int, told: int) -> bytes:
    entries = [Entry(b"%x" % n, b"") for n in range(count)]
    return build(entries, end={"entries": told, "here": told} if told else None)


def _misplaced(offset: int) -> bytes:
    place = offset if offset >= 0 else len(with_index()) - 30
    return with_index(Entry(b"c.npy", npy(3), offset=place))


def doubles() -> Iterator[Case]:
    pairs = [
        *(("x.npy", "x.npy"), ("x/y.npy", "x\\y.npy"), ("a/./b/x", "a/b/x"), ("a/x", "a\\x")),
        *(
            ("caf\u00e9", "cafe\u0301"),
            ("CAF\u00c9", "CAFE\u0301"),
            ("a/./x", "a/x"),
            ("a//x", "a/x"),
        ),
        *(("x/", "x"), ("\u1e9b\u0323", "\u1e9b\u0323"), ("./x", "x"), ("x", ".//x")),
        *(
            ("c.npy", "index.csv"),
            ("c.npy", "./a.npy"),
            ("\u212bx", "\u00c5x"),
            ("s\u0323\u0307", "\u1e69"),
        ),
    ]
    for first, second in pairs:
        yield Case(
            "doubles",
            ascii(f"{first} {second}"),
            "refused",
            lambda one=first.encode(), two=second.encode(): with_index(Entry(one), Entry(two)),
            frozenset({"data.archive_duplicate_entry"}),
        )


def methods() -> Iterator[Case]:
    locked = frozenset({"data.archive_encrypted"})
    for flags in (0x801, 0x841, 0x2801):
        entry = Entry(b"c.npy", npy(3), flags=flags)
        yield Case("methods", f"flags {flags:x}", "refused", lambda e=entry: with_index(e), locked)
    for method in (1, 9, 12, 14, 93, 95, 96, 99):
        entry = Entry(b"c.npy", npy(3), method=method)
        yield Case("methods", f"method {method}", "refused", lambda e=entry: with_index(e))
    newer = Entry(b"c.npy", npy(3), version=99)
    yield Case("methods", "version 9.9", "refused", lambda: with_index(newer))
    patched = Entry(b"c.npy", npy(3), flags=0x820)
    yield Case("methods", "patched data", "damaged", lambda: with_index(patched))
    yield Case("methods", "second disk", "refused", lambda: with_index(disk=1, start_disk=1))
    names = Entry(b"\xff\xfe\x80.npy", npy(3))
    yield Case("methods", "name is no UTF-8", "refused", lambda: with_index(names))
    for name, content in {
        "nothing": b"",
        "text": b"fname,Bark\n",
        "only an end": build([]),
        "gzip": b"\x1f\x8b\x08" + b"\0" * 40,
        "rar": b"Rar!\x1a\x07\0" + b"\0" * 40,
        "7z": b"7z\xbc\xaf\x27\x1c" + b"\0" * 40,
        "tar": b"a.npy".ljust(257, b"\0") + b"ustar\x0000" + b"\0" * 248,
    }.items():
        yield Case("methods", name, "refused", lambda content=content: content)


def truncated() -> Iterator[Case]:
    whole = honest()
    for number in range(100):
        length = len(whole) * number // 100
        yield Case("truncated", f"{length} of {len(whole)}", "refused", lambda n=length: whole[:n])


def flipped(count: int) -> Iterator[Case]:
    stored, packed = honest(method=zipfile.ZIP_STORED), honest()
    for number in range(count):

        def make(number: int = number) -> bytes:
            luck = random.Random(number)
            content = bytearray(stored if number % 2 else packed)
            for _ in range(luck.choice((1, 1, 2, 8))):
                content[luck.randrange(len(content))] ^= 1 << luck.randrange(8)
            return bytes(content)

        yield Case("flipped", str(number), "either", make)


def cases(flips: int = 2_000) -> list[Case]:
    families = [traversal(), links_and_devices(), bombs(), doubles(), methods(), truncated()]
    return [case for family in [*families, flipped(flips)] for case in family]


# --- reading -------------------------------------------------------------------------------


def read_table(data: bytes, name: str, limits: TableLimits) -> None:
    """Read a csv from a file of its own, as the readers of tables want it."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        read_csv(Path(file.name), limits=limits, name=name)


def read_all(path: Path) -> list[str]:
    """Read everything in an archive; give the codes of members that are not taken.

    Raises:
        BlockwrightError: When the archive as a whole is refused.
    """
    wrong: list[str] = []
    with Archive(path, path.name, LIMITS) as archive:
        for name in archive.names:
            try:
                with archive.open(name) as stream:
                    if name == "index.csv":
                        read_table(stream.read(), name, TableLimits(max_rows=100, max_columns=100))
                    elif name.endswith(".npy"):
                        array = read_array(stream, name, archive.bytes_of(name))
                        if name in HONEST and not (array == HONEST[name]).all():
                            wrong.append("other numbers")
                    else:
                        while stream.read(1 << 16):
                            pass
            except BlockwrightError as reason:
                wrong.append(reason.problem.code)
            except READ_ERRORS:
                wrong.append("data.file_damaged")
    return wrong


def whole_import(source: Path, goal: Path) -> str:
    """Import it as the studio does; give how many rows came, or the code of the refusal."""
    shutil.rmtree(goal.parent, ignore_errors=True)
    try:
        rows = import_files(source, folder=goal).rows
    except BlockwrightError as reason:
        left = list(goal.parent.iterdir()) if goal.parent.exists() else []
        return f"left {left}" if left else reason.problem.code
    except Exception as reason:  # noqa: BLE001 - the test tells of it
        return f"raised {type(reason).__name__}: {reason}"
    return f"{rows} rows"


def main(work: Path) -> None:
    """Read and import every case; tell of each what came of it."""
    deep = work / "data" / "studio" / "uploads"
    source, goal = deep / "upload.zip", deep / "staging" / "ds"
    deep.mkdir(parents=True)
    os.environ["BLOCKWRIGHT_MAX_ARCHIVE_ENTRIES"] = str(LIMITS.entries)
    os.environ["BLOCKWRIGHT_MAX_EXPANDED_BYTES"] = str(LIMITS.expanded_bytes)
    expected = {source, goal.parent, deep, *deep.parents}
    for case in cases():
        source.write_bytes(case.make())
        told = {"family": case.family, "name": case.name, "expected": case.expected}
        begun = time.monotonic()
        try:
            told["members"] = read_all(source)
            told["came"] = "damaged" if told["members"] else "read"
        except BlockwrightError as reason:
            told["came"], told["code"] = "refused", reason.problem.code
            if case.codes and reason.problem.code not in case.codes:
                told["other_code"] = sorted(case.codes)
        except Exception as reason:  # noqa: BLE001 - the test tells of it
            told["came"] = f"raised {type(reason).__name__}: {reason}"
        told["seconds"] = time.monotonic() - begun
        if case.family != "flipped" or int(case.name) < IMPORTED_FLIPS:
            told["imported"] = whole_import(source, goal)
        told["outside"] = sorted(
            str(path.relative_to(work))
            for path in work.rglob("*")
            if path not in expected and goal not in (path, *path.parents)
        )
        told["peak_mb"] = peak_mb()
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
