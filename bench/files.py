"""How long the check of large and hostile files takes, and in how much memory.

Run by `make bench`, or alone by `python -m bench.files`. `--quick` takes a tenth of the sizes. The
limits are of processor time and of memory of the process that examines: other programs on the
machine make the elapsed time longer, not these.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ckanext.nd47.tables.check import limits
from ckanext.nd47.tables.check_jobs import process

MOST_SECONDS = 60.0
"""Of processor time for a file of 100 MB."""

COMMUNES = ("Xã Kỳ Lâm", "Xã Nậm Khuê", "Phường Hòa Bình", "Xã Thượng Lộc")
HEADINGS = "ma_thua,xa_phuong,dia_chi,loai_dat,dien_tich_m2,gia,ngay_cap,so_to,so_thua,ghi_chu"
WORDS = ("đất ở", "đất trồng lúa", "giáp đường", "có nhà kiên cố", "đang cho thuê", "")


def main() -> int:
    """Measure, print the figures, and return 1 where a limit is broken."""
    share = 10 if "--quick" in sys.argv else 1
    files: dict[str, Callable[[Path], None]] = {
        f"CSV of {100 // share} MB": lambda path: register(path, 100 * 2**20 // share),
        f"CSV of {5_000_000 // share} rows of 2 columns": lambda path: narrow(
            path, 5_000_000 // share
        ),
        f"CSV of {10_000 // share} columns, 1,000 rows": lambda path: wide(path, 10_000 // share),
    }
    print(f"{'':<44} {'size':>8} {'processor':>10} {'elapsed':>8} {'memory':>8}  result")  # noqa: T201
    is_kept = True
    for name, write in files.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.csv"
            write(path)
            size = path.stat().st_size / 2**20
            seconds, elapsed, memory, result = examined(path)
        figures = f"{size:5.0f} MB {seconds:8.1f} s {elapsed:6.1f} s {memory:5.0f} MB"
        print(f"{name:<44} {figures}  {result}", flush=True)  # noqa: T201 - the figures
        is_kept &= seconds < MOST_SECONDS and memory * 2**20 < limits.MEMORY
    return int(not is_kept)


def examined(path: Path) -> tuple[float, float, float, str]:
    """Return processor time, elapsed time, peak memory in MB, and what the report says."""
    begun = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - as `process` does
        [sys.executable, "-m", "ckanext.nd47.tables.check", "examine", str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=process.environment(), cwd="/",
    ) as started:  # fmt: skip
        assert started.stdin is not None and started.stdout is not None  # noqa: S101, PT018
        options = {"name": "a.csv", "format": "CSV", "extent": None}
        started.stdin.write(json.dumps(options).encode())
        started.stdin.close()
        written = started.stdout.read()
        _, status, usage = os.wait4(started.pid, 0)
        started.returncode = os.waitstatus_to_exitcode(status)
    elapsed = time.perf_counter() - begun
    seconds = usage.ru_utime + usage.ru_stime
    return seconds, elapsed, usage.ru_maxrss / 1024, _result(started.returncode, written)


def _result(code: int, written: bytes) -> str:
    if code:
        return f"ended with {code}"
    report: Any = json.loads(written)
    rows = sum(part["rows"] for part in report["parts"])
    codes = ", ".join(sorted({finding["code"] for finding in report["findings"]}))
    return f"{rows} rows, {'whole' if report['whole'] else 'not whole'}; {codes or 'nothing found'}"


def register(path: Path, size: int) -> None:
    """Write a register of parcels of a size in bytes."""
    choose = random.Random(47)  # noqa: S311 - sample data, no secret

    def lines() -> Iterable[str]:
        for number in range(size):
            area = choose.randrange(500, 99_999) / 10
            note = f"{choose.choice(WORDS)}; {choose.choice(WORDS)} {choose.randrange(10_000)}"
            yield (
                f"{number:08d},{choose.choice(COMMUNES)},Thôn {choose.randrange(20)} {note},"
                f'{choose.choice(WORDS)},"{area:.1f}",{choose.randrange(600, 98_000)},'
                f"{choose.randrange(1, 29):02}/{choose.randrange(1, 13):02}/2024,"
                f"{choose.randrange(99)},{choose.randrange(999)},{note}\n"
            )

    _write(path, HEADINGS, lines(), size)


def narrow(path: Path, count: int) -> None:
    """Write many short rows."""
    _write(path, "ma,gia_tri", (f"{n},{n % 997}\n" for n in range(count)), sys.maxsize)


def wide(path: Path, columns: int) -> None:
    """Write many columns."""
    row = ",".join(map(str, range(columns)))
    headings = ",".join(f"cot_{number}" for number in range(columns))
    _write(path, headings, (f"{row}\n" for _ in range(1_000)), sys.maxsize)


def _write(path: Path, headings: str, lines: Iterable[str], size: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        written = file.write(f"{headings}\n")
        for line in lines:
            written += len(line.encode())
            file.write(line)
            if written >= size:
                return


if __name__ == "__main__":
    raise SystemExit(main())
