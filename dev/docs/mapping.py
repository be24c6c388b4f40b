"""Writes `docs/dcat.md`: how each field is exported, from the mapping table.

Run by `make docs`; a test holds the file to what this makes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ckanext.nd47.dcat.rdf import targets
from ckanext.nd47.dcat.rdf.licences import LICENCE_TYPES, STOCK_TITLES
from ckanext.nd47.dcat.rdf.mapping import MARKS, ROWS, Kind, Row
from dev.docs.markdown import table

LANGUAGES = ("vi", "en")
OWNERS: Mapping[str, Mapping[str, str]] = {
    "dataset": {"vi": "Bộ dữ liệu", "en": "Dataset"},
    "distribution": {"vi": "Tệp dữ liệu", "en": "Resource"},
    "service": {"vi": "Dịch vụ chia sẻ dữ liệu", "en": "Sharing service"},
    "organization": {"vi": "Cơ quan", "en": "Agency"},
    "contact": {"vi": "Đầu mối", "en": "Contact"},
    "temporal_coverage": {"vi": "Phạm vi thời gian", "en": "Period"},
    "spatial_coverage": {"vi": "Phạm vi không gian", "en": "Place"},
}
KINDS: Mapping[Kind, Mapping[str, str]] = {
    Kind.TEXT: {"vi": "văn bản có thẻ ngôn ngữ", "en": "text with a language tag"},
    Kind.PLAIN: {"vi": "văn bản", "en": "text"},
    Kind.DATE: {"vi": "ngày, tháng, năm hoặc thời điểm", "en": "day, month, year or moment"},
    Kind.SIZE: {"vi": "số byte", "en": "number of bytes"},
    Kind.LINK: {"vi": "địa chỉ web", "en": "web address"},
    Kind.MAIL: {"vi": "`mailto:`", "en": "`mailto:`"},
    Kind.PHONE: {"vi": "`tel:`, nhãn là số như đã ghi", "en": "`tel:`, labelled as written"},
    Kind.GEOMETRY: {"vi": "WKT", "en": "WKT"},
    Kind.CONCEPT: {"vi": "khái niệm của danh mục mã", "en": "concept of the code list"},
    Kind.LANGUAGE: {"vi": "ngôn ngữ theo bảng của EU", "en": "language of the EU table"},
    Kind.STATEMENT: {"vi": "nút có nhãn là văn bản", "en": "node labelled with the text"},
    Kind.STANDARD: {"vi": "địa chỉ, hoặc nút mang tên", "en": "address, or node with the name"},
    Kind.IDENTITY: {"vi": "địa chỉ của chính nút", "en": "address of the node itself"},
    Kind.GROUP: {"vi": "nút gồm các trường con", "en": "node with the subfields"},
    Kind.NODE: {"vi": "nút hoặc giá trị có quy tắc riêng", "en": "written by rules of its own"},
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "title": {"vi": "Bản kết xuất DCAT", "en": "The DCAT export"},
    "made": {
        "vi": "Tệp này do `python -m dev.docs.mapping` tạo từ"
        " `ckanext/nd47/dcat/rdf/mapping.py` và `schemas/targets`; không sửa tay.",
        "en": "Made by `python -m dev.docs.mapping` from `ckanext/nd47/dcat/rdf/mapping.py`"
        " and `schemas/targets`; not to be edited by hand.",
    },
    "targets": {"vi": "Đích của bản kết xuất", "en": "Targets"},
    "switch": {
        "vi": "Chọn bằng `ckanext.nd47.dcat_target`: một tên dưới đây, hoặc đường dẫn đến một tệp"
        " YAML cùng dạng. Mỗi thay đổi nêu loại nút (`of`), thuộc tính trong bảng (`property`) và"
        " thuộc tính thay thế (`becomes`; `null` là bỏ). Tệp sai được ghi vào nhật ký và không được"
        " dùng. Bản kết xuất không tự nhận là phù hợp với hồ sơ nào.",
        "en": "Chosen by `ckanext.nd47.dcat_target`: a name below, or the path of a YAML file of"
        " the same form. Each change names a kind of node (`of`), a property of the table"
        " (`property`) and what it becomes (`becomes`; `null` leaves it out). A wrong file is noted"
        " in the log and not used. The export claims conformance with no profile.",
    },
    "example": {"vi": "Ví dụ:", "en": "For example:"},
    "derived": {"vi": "Giá trị suy ra", "en": "Values that are worked out"},
    "derived_text": {
        "vi": "Điều DCAT-AP đòi hỏi hoặc khuyến nghị mà bản ghi không nêu được lấy từ trường khác"
        " hoặc từ cấu hình của cổng: mô tả từ tên, từ khóa từ lĩnh vực, thời gian từ kỳ của các"
        " tệp, địa điểm và thời hạn duy trì từ `ckanext.nd47.dcat_*`, đầu mối và cơ quan chủ quản"
        " từ sổ cơ quan, khung bao và điểm giữa từ hình dạng. Nút mang giá trị đó nêu tên trường"
        " bằng `nd47:derived`; cổng dùng cùng phần mềm không coi đó là trường của bản ghi.",
        "en": "What DCAT-AP requires or recommends and the record does not state is taken from"
        " another field or from the portal's options: descriptions from names, keywords from the"
        " fields of activity, the period from those of the files, place and availability from"
        " `ckanext.nd47.dcat_*`, contact and responsible agency from the register, box and middle"
        " from a shape. The node says so by `nd47:derived` with the name of the field; a portal"
        " with the same software does not take it for a field of the record.",
    },
    "licences": {"vi": "Giấy phép", "en": "Licences"},
    "licence_text": {
        "vi": "Giấy phép luôn là một địa chỉ. ckanext-dcat nguyên bản nhận ra giấy phép theo địa"
        " chỉ trong danh sách của cổng thu thập, nếu không thì theo đúng một `dct:title`. Vì vậy"
        " giấy phép theo pháp luật mang tên tiếng Anh của loại giấy phép trong danh sách của CKAN;"
        " tên thật ở `skos:prefLabel`. Giới hạn: `harvester run-test` và `harvester import` trên"
        " cổng không dùng tiếng Anh dịch danh sách đó và không nhận ra tên; hàng đợi thu thập thì"
        " có.",
        "en": "A licence is always an address. Stock ckanext-dcat finds it by address in the list"
        " of the harvesting portal, else by the one `dct:title`. So a licence of the law has the"
        " English title of its kind in CKAN's list, and its own names as `skos:prefLabel`. Limit:"
        " `harvester run-test` and `harvester import` on a portal whose language is not English"
        " translate that list and do not find the title; the queue of the harvester does.",
    },
    "shapes": {"vi": "Quy tắc dưới dạng SHACL", "en": "The rules as SHACL"},
    "shapes_text": {
        "vi": "`schemas/shapes/nd47.ttl` nêu các quy tắc của Nghị định 47/2020/NĐ-CP bằng hai thứ"
        " tiếng. Địa chỉ trong tệp tính từ địa chỉ của cổng. Một kiểm thử bảo đảm tệp này và các"
        " quy tắc kết luận như nhau về 500 bản ghi.",
        "en": "`schemas/shapes/nd47.ttl` states the rules of Decree 47/2020/NĐ-CP in two languages."
        " Its addresses are relative to that of the portal. A test holds it and the rules to the"
        " same verdicts on 500 records.",
    },
    "losses": {"vi": "Giá trị không kết xuất được", "en": "Values that cannot be exported"},
    "losses_text": {
        "vi": "Giá trị sai không làm hỏng trang nào: ký tự mà RDF không chứa được bị bỏ hoặc mã"
        " hóa, giá trị khác bị bỏ, và từng trường hợp được ghi theo bộ dữ liệu và trường.\n\n"
        "Trường phụ (extras) tự do và trường của lược đồ riêng không có trong bản kết xuất, trừ khi"
        " lược đồ khai báo đó là một trường của nd47 (`nd47_field`) hoặc ckanext-dcat biết trường"
        " đó; `rights` của tệp cũng vậy. `ckan nd47 dcat check`, trang của quản trị viên và `ckan"
        " nd47 doctor` nêu từng trường như vậy cùng số bộ dữ liệu công khai có giá trị.",
        "en": "No bad value breaks a page: characters that RDF cannot hold are taken out or"
        " escaped, any other is left out, and each case is noted by dataset and field.\n\n"
        "Free extras and fields of a schema of your own are not in the export, unless the schema"
        " declares them as a field of nd47 (`nd47_field`) or ckanext-dcat knows them; neither is"
        " `rights` of a resource. `ckan nd47 dcat check`, the administrator's page and `ckan nd47"
        " doctor` name each such field with the number of public datasets that have a value.",
    },
    "table": {"vi": "Từng trường", "en": "Field by field"},
    "group": {"vi": "Nhóm", "en": "Group"},
    "own": {"vi": "Thuộc tính riêng (`nd47:`)", "en": "Own properties (`nd47:`)"},
    "label": {"vi": "Nhãn", "en": "Label"},
    "field": {"vi": "Trường", "en": "Field"},
    "property": {"vi": "Thuộc tính", "en": "Property"},
    "value": {"vi": "Giá trị", "en": "Value"},
    "list": {"vi": "Danh mục mã", "en": "Code list"},
    "eu": {"vi": "Khái niệm EU ở", "en": "EU concept in"},
    "class": {"vi": "Lớp của nút", "en": "Class of the node"},
    "instead": {"vi": "Thay bằng", "en": "Else"},
    "kind": {"vi": "Loại ADMS", "en": "ADMS type"},
    "stock": {"vi": "Tên tại cổng nguyên bản", "en": "Title at a stock portal"},
    "licence": {"vi": "Giấy phép", "en": "Licence"},
}
EXAMPLE = """```yaml
id: dcat-vn            # = tên tệp / the name of the file
title: {vi: DCAT-VN, en: DCAT-VN}
prefixes: {vn: "https://dcat-vn.example/ns#"}
changes:
- {of: dataset, property: "nd47:updateFrequency", becomes: "vn:tanSuat"}
- {of: distribution, property: "dcatap:availability", becomes: null}
```"""


def markdown() -> str:
    """Return the whole document, Vietnamese first."""
    return "\n".join(line for lang in LANGUAGES for line in _chapter(lang))


def _chapter(lang: str) -> Iterator[str]:
    words = {name: text[lang] for name, text in WORDS.items()}
    yield from (f"# {words['title']}", "", words["made"], "")
    yield from (f"## {words['targets']}", "", words["switch"], "")
    for name in targets.names():
        target = targets.find(name)
        yield f"- `{name}`: {target.title[lang]}. {target.about[lang]}"
    yield from ("", words["example"], "", EXAMPLE, "")
    for name in ("derived", "licence", "shapes", "losses"):
        heading = "licences" if name == "licence" else name
        yield from (f"## {words[heading]}", "", words[f"{name}_text"], "")
        if name == "licence":
            yield from _licences(words)
    yield from (f"## {words['table']}", "")
    for owner in dict.fromkeys(row.of for row in ROWS):
        yield from _table(owner, lang, words)
    yield from _own(lang, words)


def _licences(words: Mapping[str, str]) -> Iterator[str]:
    rows = []
    for name, kind in LICENCE_TYPES.items():
        default_licence = (
            STOCK_TITLES.get(kind, "") if name in ("nd47-open-data", "vn-open-data-2023") else ""
        )
        rows.append([f"`{name}`", kind, default_licence])
    yield from table([words["licence"], words["kind"], words["stock"]], rows)


def _table(owner: str, lang: str, words: Mapping[str, str]) -> Iterator[str]:
    title = OWNERS[owner][lang] if owner in OWNERS else f"{words['group']} `{owner}`"
    yield from (f"### {title}", "")
    names = ("field", "property", "value", "list", "eu", "class", "instead")
    rows = (_cells(row, lang) for row in ROWS if row.of == owner)
    yield from table([words[name] for name in names], rows)


def _cells(row: Row, lang: str) -> list[str]:
    codes = (row.vocabulary, row.eu_property, row.rdf_class, row.default)
    return [
        f"`{row.field}`",
        code(row.prefix_name),
        KINDS[row.kind][lang],
        *map(code, codes),
    ]


def _own(lang: str, words: Mapping[str, str]) -> Iterator[str]:
    yield from (f"### {words['own']}", "")
    labelled = {
        row.prefix_name: row.label_vi if lang == "vi" else row.label_en
        for row in (*ROWS, *MARKS)
        if row.prefix_name.startswith("nd47:")
    }
    rows = ([f"`{name}`", label] for name, label in sorted(labelled.items()))
    yield from table([words["property"], words["label"]], rows)


def code(name: str) -> str:
    """Return a name as code, empty for an empty name."""
    return f"`{name}`" if name else ""
