"""Files with one kind of fault each, as offices make them; the same bytes for the same seed.

Names, numbers and places are invented. `files` gives each file with the codes that an examination
must find, all of them and no others. To look at them: `python -m tests.tables.check.golden FOLDER`.
"""

from __future__ import annotations

import csv
import io
import json
import sys
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from xml.sax.saxutils import escape

import shapefile
import xlwt
from fpdf import FPDF
from openpyxl import Workbook

from ckanext.nd47.lib.files.encoding import old_fonts

SEED = 47
ROWS = 30
COMMUNES = ("Xã Kỳ Lâm", "Xã Nậm Khuê", "Xã Mỹ Khuê", "Phường Hòa Bình", "Xã Thượng Lộc")
STREETS = ("Đường Lê Lợi", "Đường Trần Phú", "Quốc lộ 8A", "Đường Hùng Vương")
SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Đặng", "Bùi")
MIDDLES = ("Văn", "Thị", "Đức", "Minh", "Thu")
GIVEN = ("An", "Bình", "Châu", "Dũng", "Hà", "Lan", "Phúc")
PRJ_VN2000 = (
    'PROJCS["VN-2000 / UTM zone 48N",GEOGCS["VN-2000",DATUM["Vietnam_2000",'
    'SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],'
    'UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
    'PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",105],'
    'PARAMETER["scale_factor",0.9996],PARAMETER["false_easting",500000],'
    'PARAMETER["false_northing",0],UNIT["metre",1]]'
)
PRJ_WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
)

Value = str | int | float | None
Rows = list[list[Value]]
Codes = frozenset[str]


@dataclass(frozen=True)
class File:
    """A file and what must be found in it."""

    name: str
    content: bytes
    expected: Codes


class Writer:
    """Writes the files."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def number(self, digits: int) -> str:
        """Return a number of so many digits that does not begin with zero."""
        return str(self.random.randrange(10 ** (digits - 1), 10**digits))

    def person(self) -> str:
        """Return the name of a person."""
        return " ".join(map(self.random.choice, (SURNAMES, MIDDLES, GIVEN)))

    def citizen_id(self) -> str:
        """Return a number with the structure of an identity number."""
        province = self.random.choice(("001", "042", "044", "079"))
        return f"{province}{self.random.choice('0123')}{self.random.randrange(10**8):08}"

    def tax_number(self) -> str:
        """Return a tax number with its check digit."""
        weights = (31, 29, 23, 19, 17, 13, 7, 5, 3)
        while True:
            digits = self.number(9)
            check = 10 - sum(w * int(d) for w, d in zip(weights, digits, strict=True)) % 11
            if 0 <= check <= 9:
                return f"{digits}{check}"

    def day(self) -> tuple[int, int, int]:
        """Return year, month and day."""
        pick = self.random.randrange
        return pick(2018, 2026), pick(1, 13), pick(1, 29)

    def plain(self) -> Rows:
        """Return a table without a fault."""
        head: list[Value] = ["ma_diem", "xa_phuong", "duong", "gia", "dien_tich"]
        return [head, *(
            [f"D{place:03}", self.random.choice(COMMUNES), self.random.choice(STREETS),
             self.random.randrange(1000, 90_000), round(self.random.uniform(10, 900), 2)]
            for place in range(1, ROWS + 1)
        )]  # fmt: skip

    def with_column(self, heading: str, values: Sequence[Value]) -> Rows:
        """Return a table with one more column."""
        head, *rows = self.plain()
        return [[*head, heading], *([*row, v] for row, v in zip(rows, values, strict=True))]

    def times(self, make: Any) -> list[Value]:
        """Return a value for each row."""
        return [make() for _ in range(ROWS)]


def written(rows: Rows, delimiter: str = ",") -> str:
    """Return a table as CSV."""
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    return stream.getvalue()


def as_csv(rows: Rows, encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    """Return a table as a CSV file."""
    return written(rows, delimiter).encode(encoding)


def as_xlsx(*sheets: Rows, merged: Sequence[str] = ()) -> bytes:
    """Return tables as the sheets of a workbook."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"Trang {number}")
        for row in rows:
            sheet.append(list(row))
        for area in merged:
            sheet.merge_cells(area)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def as_xls(rows: Rows) -> bytes:
    """Return a table as a workbook of Excel 97."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Trang 1")
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            sheet.write(number, place, cell)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def as_ods(rows: Rows) -> bytes:
    """Return a table as a workbook of LibreOffice, as far as it is read."""
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    lines = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows
    )
    content = (
        f'<?xml version="1.0"?><office:document-content{spaces} office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="Trang 1">{lines}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<?xml version="1.0"?><manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        "</manifest:manifest>"
    )
    return as_zip(
        {
            "mimetype": kind.encode(),
            "META-INF/manifest.xml": manifest.encode(),
            "content.xml": content.encode(),
        }
    )


def _ods_cell(cell: Value) -> str:
    if isinstance(cell, (int, float)):
        return (
            f'<table:table-cell office:value-type="float" office:value="{cell}">'
            f"<text:p>{cell}</text:p></table:table-cell>"
        )
    return (
        '<table:table-cell office:value-type="string">'
        f"<text:p>{escape(str(cell or ''))}</text:p></table:table-cell>"
    )


def as_zip(files: dict[str, bytes]) -> bytes:
    """Return files as a ZIP."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def as_pdf(*lines: str) -> bytes:
    """Return a PDF in ASCII letters."""
    document = FPDF()
    document.add_page()
    document.set_font("helvetica", size=11)
    for line in lines:
        document.cell(0, 8, line, new_x="LMARGIN", new_y="NEXT")
    return bytes(document.output())


def as_docx(*paragraphs: str) -> bytes:
    """Return a document of Word, as far as it is read."""
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    text = f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>'
    return as_zip({"word/document.xml": text.encode()})


def as_geojson(geometries: Sequence[Any], **more: Any) -> bytes:
    """Return geometries as GeoJSON."""
    features = [
        {"type": "Feature", "properties": {"ten": f"Trạm {place}"}, "geometry": geometry}
        for place, geometry in enumerate(geometries, start=1)
    ]
    content = {"type": "FeatureCollection", **more, "features": features}
    return json.dumps(content, ensure_ascii=False).encode()


def as_shapefile(points: Sequence[tuple[float, float]], projection: str) -> bytes:
    """Return points as a zipped Shapefile; without a projection if that is empty."""
    with tempfile.TemporaryDirectory() as folder:
        writer: Any = shapefile.Writer(f"{folder}/tram", shapeType=shapefile.POINT)
        writer.field("ten", "C", size=40)
        for place, (x, y) in enumerate(points):
            writer.point(x, y)
            writer.record(f"Tram {place}")
        writer.close()
        parts = {p.name: p.read_bytes() for p in sorted(Path(folder).iterdir())}
    if projection:
        parts["tram.prj"] = projection.encode()
    return as_zip(parts)


def as_kml(positions: Sequence[str]) -> bytes:
    """Return points as KML."""
    places = "".join(
        f"<Placemark><name>Trạm {n}</name><Point><coordinates>{p}</coordinates></Point></Placemark>"
        for n, p in enumerate(positions)
    )
    space = "http://www.opengis.net/kml/2.2"
    return f'<?xml version="1.0"?><kml xmlns="{space}"><Document>{places}</Document></kml>'.encode()


def point(x: float, y: float) -> dict[str, Any]:
    """Return a point of GeoJSON."""
    return {"type": "Point", "coordinates": [x, y]}


def tcvn3(text: str) -> bytes:
    """Return a text in the encoding of the .Vn fonts, which has no capitals with a tone."""
    letters = {v: k for k, v in old_fonts()[0].letters.items()}
    return "".join(letters.get(c, letters.get(c.lower(), c)) for c in text).encode("latin-1")


def vni(text: str) -> bytes:
    """Return a text in the encoding of the VNI fonts."""
    font = next(font for font in old_fonts() if font.label == "VNI")
    letters = {letter: shown for shown, letter in font.letters.items()}
    return "".join(letters.get(c, c) for c in text).encode("latin-1")


def windows_1258(text: str) -> bytes:
    """Return a text in the encoding of Vietnamese Windows: tones follow their letters."""
    parts = []
    for character in text:
        apart = unicodedata.normalize("NFD", character)
        tone = next((c for c in apart if c in "\u0300\u0301\u0303\u0309\u0323"), "")
        letter = unicodedata.normalize("NFC", apart.replace(tone, "")) if tone else character
        parts.append((letter + tone).encode("cp1258"))
    return b"".join(parts)


def viqr(text: str) -> str:
    """Return a text with its marks as signs after the letters."""
    signs = {"\u0302": "^", "\u0306": "(", "\u031b": "+", "\u0300": "`", "\u0301": "'",
             "\u0309": "?", "\u0303": "~", "\u0323": "."}  # fmt: skip
    apart = unicodedata.normalize("NFD", text.replace("đ", "dd").replace("Đ", "DD"))
    return "".join(signs.get(character, character) for character in apart)


def files(seed: int = SEED) -> Iterator[File]:
    """Yield the files."""
    writer = Writer(seed)
    for make in (_sound, _personal, _encodings, _structure, _values, _geography, _hostile, _others):
        for name, content, *codes in make(writer):
            yield File(name, content, frozenset(codes))


@cache
def all_files() -> dict[str, File]:
    """Return the files by their names; making them takes seconds."""
    return {file.name: file for file in files()}


def content(name: str) -> bytes:
    """Return the content of a file."""
    return all_files()[name].content


Made = Iterator[tuple[Any, ...]]


def _sound(w: Writer) -> Made:
    yield "sound.csv", as_csv(w.plain())
    yield "sound-semicolons.csv", as_csv(w.plain(), delimiter=";")
    yield "sound-no-mark.csv", as_csv(w.plain(), "utf-8")
    yield "sound.tsv", as_csv(w.plain(), delimiter="\t")
    yield "sound.xlsx", as_xlsx(w.plain())
    head, *rows = w.plain()
    records = [dict(zip(head, row, strict=True)) for row in rows]
    yield "sound.json", json.dumps(records, ensure_ascii=False).encode()
    yield "sound-nested.json", json.dumps({"data": records}, ensure_ascii=False).encode()
    yield "sound.geojson", as_geojson([point(105.3, 19.7), point(105.4, 19.6)])
    yield "sound.kml", as_kml(["105.3,19.7", "105.4,19.6"])
    yield "sound.zip", as_zip({"a.csv": as_csv(w.plain()), "b.csv": as_csv(w.plain())})
    yield "sound-shapefile.zip", as_shapefile([(105.3, 19.7)], PRJ_WGS84)
    yield "sound.pdf", as_pdf("Bang gia dat nam 2024 cua tinh", "Ban hanh kem theo Quyet dinh")
    yield "sound.docx", as_docx("Bảng giá đất năm 2024 của tỉnh")


def _others(w: Writer) -> Made:
    """Workbooks of other programs."""
    for ending, made in ((".xls", as_xls), (".ods", as_ods)):
        yield f"sound{ending}", made(w.plain())
        yield (
            f"citizen-id{ending}",
            made(w.with_column("cccd", w.times(w.citizen_id))),
            "citizen-id",
        )
        titled: Rows = [["BẢNG GIÁ ĐẤT NĂM 2026"], [], *w.plain()]
        yield f"title-rows{ending}", made(titled), "title-rows"
        yield f"not-a-csv{ending}.csv", made(w.plain()), "not-as-named"


def _personal(w: Writer) -> Made:
    yield "citizen-id.csv", as_csv(w.with_column("cccd", w.times(w.citizen_id))), "citizen-id"
    yield (
        "citizen-id-no-heading.csv",
        as_csv(w.with_column("ghi_chu", w.times(w.citizen_id))),
        "citizen-id",
    )
    notes = w.times(lambda: f"Hồ sơ của công dân số {w.citizen_id()} đã nhận")
    yield "citizen-id-in-notes.csv", as_csv(w.with_column("Ghi chú", notes)), "citizen-id"
    yield (
        "citizen-id-and-names.xlsx",
        as_xlsx(
            [
                ["Họ và tên", "Số CCCD", "Xã"],
                *([w.person(), w.citizen_id(), w.random.choice(COMMUNES)] for _ in range(ROWS)),
            ]
        ),
        "citizen-id",
        "person-name",
    )
    cards = w.times(lambda: int(w.number(9)))
    yield "identity-card.csv", as_csv(w.with_column("Số CMND", cards)), "identity-card"
    phones = w.times(lambda: f"09{w.random.randrange(10**8):08}")
    yield "telephone.csv", as_csv(w.with_column("Số điện thoại", phones)), "telephone"
    dotted = w.times(lambda: f"098{w.number(1)}.{w.number(3)}.{w.number(3)}")
    yield "telephone-dotted.csv", as_csv(w.with_column("lien_he", dotted)), "telephone"
    boxes = w.times(lambda: f"nguoidan{w.number(5)}@gmail.com")
    yield "mailbox.csv", as_csv(w.with_column("Email", boxes)), "mailbox"
    births = w.times(lambda: "{}-{:02}-{:02}".format(1970 + w.random.randrange(40), *w.day()[1:]))
    yield "birth-date.csv", as_csv(w.with_column("Ngày sinh", births)), "birth-date"
    accounts = w.times(lambda: w.number(13))
    yield "bank-account.csv", as_csv(w.with_column("Số tài khoản", accounts)), "bank-account"
    plates = w.times(lambda: f"38A-{w.number(3)}.{w.number(2)}")
    yield "plate.csv", as_csv(w.with_column("Biển số xe", plates)), "plate"
    insured = w.times(lambda: f"DN4{w.number(12)}")
    yield "insurance.csv", as_csv(w.with_column("Mã thẻ BHYT", insured)), "insurance-number"
    yield (
        "citizen-id.json",
        json.dumps([{"ten": "A", "so": w.citizen_id()} for _ in range(9)]).encode(),
        "citizen-id",
    )
    yield (
        "citizen-id.pdf",
        as_pdf("Danh sach nguoi duoc ho tro nam 2024", f"So CCCD: {w.citizen_id()}"),
        "citizen-id",
    )
    yield "citizen-id.docx", as_docx("Danh sách", f"Số {w.citizen_id()} cấp 2021"), "citizen-id"
    zipped = as_zip({"a.csv": as_csv(w.with_column("cccd", w.times(w.citizen_id)))})
    yield "citizen-id.zip", zipped, "citizen-id"


def _encodings(w: Writer) -> Made:
    text = written(w.plain())
    yield "utf-16.csv", text.encode("utf-16"), "utf-16"
    yield "tcvn3.csv", tcvn3(text), "old-encoding"
    yield "vni.csv", vni(text), "old-encoding"
    yield "windows-1258.csv", windows_1258(text), "old-encoding"
    yield "viqr.csv", viqr(text).encode("ascii"), "viqr"
    yield "decomposed.csv", unicodedata.normalize("NFD", text).encode(), "decomposed"
    yield "mixed.csv", windows_1258(text) + written(w.plain()[1:]).encode(), "mixed-encodings"
    old = [[tcvn3(str(cell)).decode("latin-1") if isinstance(cell, str) else cell for cell in row]
           for row in w.plain()]  # fmt: skip
    yield "old-font.xlsx", as_xlsx(old), "old-font"
    wrong = text.encode().decode("cp1252", "replace").replace("\ufffd", "")
    yield "read-wrongly.csv", wrong.encode(), "read-wrongly"
    lost = text.replace("ợ", "\ufffd").replace("ỳ", "\ufffd").replace("ậ", "\ufffd")
    yield "lost-letters.csv", lost.encode(), "lost-letters"


def _structure(w: Writer) -> Made:
    yield "pdf-as.csv", as_pdf("Bang gia dat nam 2024 cua tinh"), "not-as-named"
    page = b"<!DOCTYPE html><html><body><h1>403</h1></body></html>"
    yield "html-as.csv", page, "not-as-named"
    yield "workbook-as.csv", as_xlsx(w.plain()), "not-as-named"
    yield "text-as.xlsx", as_csv(w.plain()), "not-as-named"
    yield "nothing.csv", b"", "empty"
    yield "only-headings.csv", as_csv(w.plain()[:1]), "empty"
    yield "no-cells.xlsx", as_xlsx([]), "empty"
    title: Rows = [["ỦY BAN NHÂN DÂN TỈNH"], ["BẢNG GIÁ ĐẤT NĂM 2024"], []]
    yield "title-rows.csv", as_csv([*(row + [""] * (5 - len(row)) for row in title),
                                    *w.plain()]), "title-rows"  # fmt: skip
    yield "title-rows.xlsx", as_xlsx([*title, *w.plain()]), "title-rows"
    two: Rows = [
        ["Xã", "Dân số", None, "Diện tích"],
        [None, "Nam", "Nữ", None],
        *([w.random.choice(COMMUNES), w.random.randrange(900, 5000),
           w.random.randrange(900, 5000), w.random.randrange(10, 99)] for _ in range(20)),
    ]  # fmt: skip
    merged = ("B1:C1", "A1:A2", "D1:D2")
    yield "two-rows.xlsx", as_xlsx(two, merged=merged), "two-row-heading", "merged-cells"
    numbers: Rows = [["(1)", "(2)", "(3)", "(4)", "(5)"]]
    head, *rows = w.plain()
    yield "numbering.csv", as_csv([head, *numbers, *rows]), "numbering-row"
    yield (
        "same-heading.csv",
        as_csv([["ma", "ten", "Ten", "gia", "dien_tich"], *rows]),
        "same-heading",
    )
    long = "Giá đất ở tại nông thôn theo vị trí, khu vực và loại đường giao thông (đồng/m2)"
    yield "long-heading.csv", as_csv([[*head[:4], long], *rows]), "long-heading"
    yield "empty-heading.csv", as_csv([[*head[:4], ""], *rows]), "empty-heading"
    yield "no-heading.csv", as_csv(rows), "no-heading"
    total: Rows = [["Tổng cộng", "", "", 990_000, 12_000.5]]
    yield "total.csv", as_csv([head, *rows, *total]), "total-row"
    second: Rows = [["", "", "", "", ""], ["Mã", "Huyện", "Loại", "Số hộ", "Ghi chú"],
                    ["A1", "Khuê", "1", 20, "x"]]  # fmt: skip
    yield "two-tables.csv", as_csv([head, *rows, *second]), "several-tables"
    notes: Rows = [["", "", "", "", ""], ["Người lập biểu", "", "", "", ""]]
    yield "notes-below.csv", as_csv([head, *rows, *notes]), "notes-below"
    yield "ragged.csv", as_csv([head, *rows[:9], rows[9][:3], *rows[10:]]), "ragged-rows"
    trades = w.times(lambda: f"{w.number(4)}: Bán lẻ; {w.number(4)}: Vận tải")
    yield "several-values.csv", as_csv(w.with_column("Ngành nghề", trades)), "several-values"
    yield "sheets.xlsx", as_xlsx(w.plain(), w.plain()), "several-sheets"
    broken = [head, *rows[:-1], [*rows[-1][:4], "#REF!"]]
    yield "formula-error.xlsx", as_xlsx(broken), "formula-errors"


def _values(w: Writer) -> Made:
    commas = w.times(lambda: f"{w.random.randrange(900)},{w.number(2)}")
    yield "decimal-comma.csv", as_csv(w.with_column("ty_le", commas)), "decimal-comma"
    dots = w.times(lambda: f"{w.number(1)}.{w.number(3)}.{w.number(3)}")
    yield "thousands-dots.csv", as_csv(w.with_column("so_tien", dots)), "thousands-dots"
    both = w.times(lambda: f"{w.number(2)}.{w.number(3)},{w.number(2)}")
    yield "dots-and-comma.csv", as_csv(w.with_column("so_tien", both)), "thousands-dots"
    english = w.times(lambda: f"{w.number(1)},{w.number(3)},{w.number(3)}")
    yield "thousands-commas.csv", as_csv(w.with_column("so_tien", english)), "thousands-commas"
    days = w.times(lambda: "{2:02}/{1:02}/{0}".format(*w.day()))
    yield "day-first.csv", as_csv(w.with_column("Ngày cấp", days)), "day-first-dates"
    mixed = [*days[:20], *w.times(lambda: "{}-{:02}-{:02}".format(*w.day()))[20:]]
    yield "mixed-dates.csv", as_csv(w.with_column("Ngày cấp", mixed)), "mixed-dates"
    impossible = [*w.times(lambda: "{}-{:02}-{:02}".format(*w.day()))[:-1], "2024-02-30"]
    yield "impossible.csv", as_csv(w.with_column("Ngày cấp", impossible)), "impossible-dates"
    serials = w.times(lambda: w.random.randrange(43_000, 46_000))
    yield "serials.csv", as_csv(w.with_column("Ngày cấp", serials)), "excel-serials"
    zeros = w.times(lambda: f"236{w.number(6)}")
    yield "lost-zeros.csv", as_csv(w.with_column("Số điện thoại", zeros)), "lost-zeros"
    texts = [*w.times(lambda: w.random.randrange(10, 90))[:-2], "khoảng 40", "chưa rõ"]
    yield "mixed-types.csv", as_csv(w.with_column("so_ho", texts)), "mixed-types"
    blanks = [*w.times(lambda: w.random.randrange(10, 90))[:-2], "N/A", "-"]
    yield "placeholders.csv", as_csv(w.with_column("so_ho", blanks)), "placeholders"
    head, *rows = w.plain()
    yield "duplicates.csv", as_csv([head, *rows, rows[3], rows[8]]), "duplicate-rows"
    taxes = [*w.times(w.tax_number)[:-1], "1234567890"]
    yield "tax.csv", as_csv(w.with_column("Mã số thuế", taxes)), "tax-numbers"
    yield "tax-sound.csv", as_csv(w.with_column("Mã số thuế", w.times(w.tax_number)))
    former = [*(["Hà Tĩnh", "Nghệ An"] * ROWS)[: ROWS - 1], "Bắc Giang"]
    yield "provinces.csv", as_csv(w.with_column("Tỉnh", former)), "old-provinces"
    unknown = [*(["Hà Tĩnh", "Nghệ An"] * ROWS)[: ROWS - 1], "Hà Tỉnk"]
    yield "no-province.csv", as_csv(w.with_column("Tỉnh", unknown)), "unknown-provinces"


def _geography(w: Writer) -> Made:
    metres = [point(567_891.2, 2_178_900.5), point(567_900.0, 2_178_950.0)]
    yield "metres.geojson", as_geojson(metres), "not-wgs84"
    feature = {"type": "Feature", "properties": {"ten": "A"}, "geometry": point(105.3, 19.7)}
    yield "one-feature.geojson", json.dumps(feature).encode()
    yield "one-point.geojson", json.dumps(point(105.3, 19.7)).encode()
    yield "swapped.geojson", as_geojson([point(19.7, 105.3)]), "swapped"
    yield "outside.geojson", as_geojson([point(105.3, 19.7), point(139.7, 35.7)]), "outside"
    bow = {"type": "Polygon", "coordinates": [[[105.3, 19.6], [105.4, 19.7], [105.4, 19.6],
                                               [105.3, 19.7], [105.3, 19.6]]]}  # fmt: skip
    yield "bow.geojson", as_geojson([bow]), "broken-geometry"
    yield "no-geometry.geojson", as_geojson([None, point(105.3, 19.7)]), "broken-geometry"
    system = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3405"}}
    yield "system.geojson", as_geojson(metres, crs=system), "not-wgs84"
    yield "metres-shapefile.zip", as_shapefile([(567_891.0, 2_178_900.0)], PRJ_VN2000), "not-wgs84"
    yield "no-prj.zip", as_shapefile([(105.3, 19.7)], ""), "no-projection"
    yield "swapped.kml", as_kml(["19.7,105.3"]), "swapped"
    places: Rows = [["ten", "vi_do", "kinh_do"]]
    places += [
        [f"Trạm {n}", round(19.6 + n / 100, 4), round(105.2 + n / 100, 4)] for n in range(20)
    ]
    yield "places.csv", as_csv(places)
    swapped = [places[0], *([name, x, y] for name, y, x in places[1:])]
    yield "swapped.csv", as_csv(swapped), "swapped"
    plane: Rows = [places[0], *([f"Trạm {n}", 2_178_900 + n, 567_891 + n] for n in range(20))]
    yield "plane.csv", as_csv(plane), "not-wgs84"


def _hostile(w: Writer) -> Made:
    yield "cut.xlsx", as_xlsx(w.plain())[:2000], "broken"
    yield "cut.json", b'[{"a": 1}, {"a": ', "broken"
    yield "cut.pdf", b"%PDF-1.7\n1 0 obj\n<<", "broken"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lon.csv", b"a,b\n" * (30 * 2**20))
    yield "bomb.zip", stream.getvalue(), "too-large"
    yield "outside.zip", as_zip({"../../etc/a.csv": b"a,b\n1,2\n"}), "unsafe-path"
    with io.BytesIO(as_xlsx(w.plain())) as source, io.BytesIO() as target:
        with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
            for part in old.infolist():
                new.writestr(part, old.read(part))
            new.writestr("xl/vbaProject.bin", b"\x00")
            new.writestr("xl/externalLinks/externalLink1.xml", b"<externalLink/>")
        yield "macro.xlsx", target.getvalue(), "program", "external-links"
    wide: Rows = [[f"c{n}" for n in range(10_000)], [str(n) for n in range(10_000)]]
    yield "wide.csv", as_csv(wide), "too-many-columns"
    yield "one-line.csv", b"a" * (3 * 2**20), "broken"
    yield "bytes.csv", bytes(range(256)) * 40, "unknown-format"


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    for file in files():
        (folder / file.name).write_bytes(file.content)
