"""The mapping from schema fields to RDF, a table used by export, import and documentation.

Each `Row` maps a field to a property, with the kind of its values and, for codes, the vocabulary.
Writing (`rows.py`) and reading (`reader.py`) use the same rows, so every exported field can be
imported. Properties that no standard vocabulary defines are in the project's own namespace (prefix
`nd47`) and have labels.

Sources: DCAT-AP 3.0.1; ODRS for the attribution text; Decree 47/2020/NĐ-CP and Official Letter
2051/BTTTT-THH for the fields themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """How the value of a field is written."""

    TEXT = "literal with the portal's language"
    PLAIN = "literal without a language"
    DATE = "xsd:date, xsd:dateTime, xsd:gYearMonth or xsd:gYear"
    SIZE = "xsd:nonNegativeInteger"
    LINK = "IRI of a web address"
    MAIL = "mailto: IRI"
    PHONE = "tel: IRI"
    GEOMETRY = "geosparql:wktLiteral"
    CONCEPT = "IRI of a concept of this project, and of the EU concept it is mapped to"
    LANGUAGE = "IRI of the EU language table, by vocabulary `language`"
    STATEMENT = "node with the text as rdfs:label"
    STANDARD = "IRI, or node with the text as dct:title"
    IDENTITY = "IRI of the node itself"
    GROUP = "node with the group's own rows"
    NODE = "node written by a function of its own"


@dataclass(frozen=True)
class Row:
    """A field and its property.

    Attributes:
        field: name in the schema.
        prefix_name: property as prefixed name; `nd47:` is the project's namespace. Empty for the
            IRI of the node.
        kind: how the value is written.
        of: owner of the field: `dataset`, `distribution` or the field name of a group.
        many: whether the field is a list.
        rdf_class: class of the node that the property points to.
        vocabulary: id of the vocabulary of a code.
        eu_property: property for the EU concept that a code is mapped to.
        default: field that is used if this one is empty.
        label_vi: label of a property of the project.
        label_en: label of a property of the project.
    """

    field: str
    prefix_name: str
    kind: Kind = Kind.PLAIN
    of: str = "dataset"
    many: bool = False
    rdf_class: str = ""
    vocabulary: str = ""
    eu_property: str = ""
    default: str = ""
    label_vi: str = ""
    label_en: str = ""


def _nd47(of: str, field: str, name: str, labels: tuple[str, str], kind: Kind = Kind.TEXT) -> Row:
    """Return the row of a field with a property of the project."""
    return Row(field, f"nd47:{name}", kind, of, label_vi=labels[0], label_en=labels[1])


DESCRIPTION = (
    Row("title", "dct:title", Kind.TEXT),
    # DCAT-AP requires a description; harvesters reject a dataset without one.
    Row("notes", "dct:description", Kind.TEXT, default="title"),
    Row("tags", "dcat:keyword", Kind.TEXT, many=True),
    Row("url", "dcat:landingPage", Kind.LINK, rdf_class="foaf:Document"),
    Row("identifier", "dct:identifier"),
    Row("version", "dcat:version"),
    Row("version_notes", "adms:versionNotes", Kind.TEXT),
    Row("issued", "dct:issued", Kind.DATE, default="metadata_created"),
    Row("modified", "dct:modified", Kind.DATE, default="metadata_modified"),
    Row("language", "dct:language", Kind.LANGUAGE, many=True),
    Row("documentation", "foaf:page", Kind.LINK, many=True, rdf_class="foaf:Document"),
    Row("conforms_to", "dct:conformsTo", Kind.STANDARD, many=True, rdf_class="dct:Standard"),
    Row("provenance", "dct:provenance", Kind.STATEMENT, rdf_class="dct:ProvenanceStatement"),
    Row(
        "usage_regulation",
        "nd47:usageRegulation",
        Kind.LINK,
        rdf_class="foaf:Document",
        label_vi="quy chế khai thác, sử dụng",
        label_en="regulation of use",
    ),
    Row(
        "attribution",
        "nd47:attribution",
        Kind.TEXT,
        label_vi="cách trích dẫn do cơ quan đặt",
        label_en="attribution as the agency words it",
    ),
)

CLASSIFICATION = (
    Row(
        "theme",
        "dct:subject",
        Kind.CONCEPT,
        many=True,
        vocabulary="field",
        eu_property="dcat:theme",
    ),
    Row(
        "frequency",
        "nd47:updateFrequency",
        Kind.CONCEPT,
        vocabulary="frequency",
        eu_property="dct:accrualPeriodicity",
        label_vi="tần suất cập nhật",
        label_en="update frequency",
    ),
    Row(
        "access_rights",
        "nd47:disclosure",
        Kind.CONCEPT,
        vocabulary="disclosure",
        eu_property="dct:accessRights",
        label_vi="mức độ công khai",
        label_en="disclosure",
    ),
    Row(
        "sharing_class",
        "nd47:sharingClass",
        Kind.CONCEPT,
        vocabulary="sharing-class",
        label_vi="phân loại theo tính chất chia sẻ",
        label_en="sharing class",
    ),
    Row(
        "open_data_category",
        "nd47:openDataCategory",
        Kind.CONCEPT,
        vocabulary="open-data-category",
        label_vi="loại dữ liệu mở",
        label_en="open data category",
    ),
    Row(
        "applicable_legislation",
        "dcatap:applicableLegislation",
        Kind.CONCEPT,
        many=True,
        vocabulary="instrument",
        rdf_class="eli:LegalResource",
    ),
)

RELATIONS = (
    Row("owner_org", "dct:publisher", Kind.NODE, rdf_class="foaf:Agent"),
    Row("responsible_agency", "dct:creator", Kind.NODE, rdf_class="foaf:Agent"),
    Row("responsible_agency", "dct:rightsHolder", Kind.NODE, rdf_class="foaf:Agent"),
    Row("contact", "dcat:contactPoint", Kind.NODE, many=True, rdf_class="vcard:Kind"),
    Row("license_id", "dct:license", Kind.NODE, rdf_class="dct:LicenseDocument"),
    Row("attribution", "dct:rights", Kind.NODE, rdf_class="dct:RightsStatement"),
    Row("temporal_coverage", "dct:temporal", Kind.NODE, many=True, rdf_class="dct:PeriodOfTime"),
    Row("spatial_coverage", "dct:spatial", Kind.NODE, many=True, rdf_class="dct:Location"),
    Row("resources", "dcat:distribution", Kind.NODE, many=True, rdf_class="dcat:Distribution"),
)

CONTACT = (
    Row("uri", "", Kind.IDENTITY, of="contact"),
    Row("name", "vcard:fn", of="contact"),
    Row("email", "vcard:hasEmail", Kind.MAIL, of="contact"),
    Row("telephone", "vcard:hasTelephone", Kind.PHONE, of="contact"),
    Row("position", "vcard:title", of="contact"),
    Row("function", "vcard:role", of="contact"),
    Row("identifier", "vcard:hasUID", of="contact"),
    Row("url", "vcard:hasURL", Kind.LINK, of="contact"),
)

PERIOD = (
    Row("start", "dcat:startDate", Kind.DATE, of="temporal_coverage"),
    Row("end", "dcat:endDate", Kind.DATE, of="temporal_coverage"),
)

PLACE = (
    Row("uri", "", Kind.IDENTITY, of="spatial_coverage", vocabulary="province"),
    Row("text", "skos:prefLabel", Kind.TEXT, of="spatial_coverage"),
    Row("geom", "locn:geometry", Kind.GEOMETRY, of="spatial_coverage"),
    Row("bbox", "dcat:bbox", Kind.GEOMETRY, of="spatial_coverage"),
    Row("centroid", "dcat:centroid", Kind.GEOMETRY, of="spatial_coverage"),
)

AGENT = (
    Row("title", "foaf:name", Kind.TEXT, of="organization"),
    Row("identifier", "dct:identifier", of="organization"),
    Row("email", "foaf:mbox", Kind.MAIL, of="organization"),
    Row("telephone", "foaf:phone", Kind.PHONE, of="organization"),
    Row("url", "foaf:homepage", Kind.LINK, of="organization", rdf_class="foaf:Document"),
)

DISTRIBUTION = (
    Row("name", "dct:title", Kind.TEXT, of="distribution"),
    # Recommended by DCAT-AP.
    Row("description", "dct:description", Kind.TEXT, of="distribution", default="name"),
    Row("size", "dcat:byteSize", Kind.SIZE, of="distribution"),
    Row("language", "dct:language", Kind.LANGUAGE, of="distribution", many=True),
    Row("issued", "dct:issued", Kind.DATE, of="distribution", default="created"),
    Row("modified", "dct:modified", Kind.DATE, of="distribution", default="metadata_modified"),
    Row(
        "publication_method",
        "nd47:publicationMethod",
        Kind.CONCEPT,
        of="distribution",
        vocabulary="publication-method",
        label_vi="phương thức công bố",
        label_en="publication method",
    ),
    _nd47("distribution", "period", "period", ("kỳ dữ liệu", "data period"), Kind.PLAIN),
    # The files of a series have a period each; the dataset has the whole.
    Row("period", "dct:temporal", Kind.NODE, of="distribution", rdf_class="dct:PeriodOfTime"),
    Row("url", "dcat:accessURL", Kind.NODE, of="distribution"),
    Row("format", "dct:format", Kind.NODE, of="distribution", rdf_class="dct:MediaTypeOrExtent"),
    Row(
        "format",
        "nd47:formatName",
        Kind.NODE,
        of="distribution",
        label_vi="tên định dạng",
        label_en="name of the format",
    ),
    Row("mimetype", "dcat:mediaType", Kind.NODE, of="distribution", rdf_class="dct:MediaType"),
    # `checksum` is a field of this schema; `hash` is CKAN's, which xloader overwrites.
    Row(
        "checksum",
        "spdx:checksum",
        Kind.NODE,
        of="distribution",
        rdf_class="spdx:Checksum",
        default="hash",
    ),
    Row(
        "availability",
        "dcatap:availability",
        Kind.NODE,
        of="distribution",
        rdf_class="skos:Concept",
    ),
    Row("license", "dct:license", Kind.NODE, of="distribution", rdf_class="dct:LicenseDocument"),
    Row(
        "data_dictionary",
        "nd47:dataDictionary",
        Kind.NODE,
        of="distribution",
        label_vi="từ điển dữ liệu",
        label_en="data dictionary",
    ),
)


def _group(field: str, name: str, label_vi: str, label_en: str) -> Row:
    """Return the row of a group of subfields, which is written as a node with its own class."""
    return Row(
        field,
        f"nd47:{name}",
        Kind.GROUP,
        rdf_class=f"nd47:{name[0].upper()}{name[1:]}",
        label_vi=label_vi,
        label_en=label_en,
    )


GROUPS = (
    _group("catalogue_entry", "catalogueEntry", "mục trong danh mục dữ liệu mở", "catalogue entry"),
    _group("source_database", "sourceDatabase", "cơ sở dữ liệu nguồn", "source database"),
    _group("quality_plan", "qualityPlan", "kế hoạch nâng cao chất lượng", "quality plan"),
    _group("yearly_check", "yearlyCheck", "đánh giá hằng năm", "yearly check"),
    _group(
        "personal_data_assessment",
        "personalDataAssessment",
        "đánh giá về dữ liệu cá nhân",
        "personal data assessment",
    ),
    _group(
        "security_assessment",
        "securityAssessment",
        "đánh giá về an ninh, bí mật",
        "security assessment",
    ),
    _group(
        "national_portal", "nationalPortal", "trên Cổng dữ liệu quốc gia", "on the national portal"
    ),
)

_ASSESSED = (
    ("assessed_by", "assessedBy", ("đơn vị đánh giá", "assessed by"), Kind.TEXT),
    ("date", "date", ("ngày", "date"), Kind.DATE),
    ("content", "content", ("nội dung", "content"), Kind.TEXT),
)

GROUP_FIELDS = (
    _nd47("catalogue_entry", "decision_number", "decisionNumber", ("số quyết định", "decision")),
    _nd47("catalogue_entry", "decision_date", "decisionDate", ("ngày ban hành", "date"), Kind.DATE),
    _nd47("catalogue_entry", "issuer", "issuer", ("cơ quan ban hành", "issuer")),
    _nd47("catalogue_entry", "code", "catalogueCode", ("mã trong danh mục", "catalogue code")),
    Row("name", "dct:title", Kind.TEXT, of="source_database"),
    _nd47("source_database", "purpose", "purpose", ("mục đích", "purpose")),
    _nd47("source_database", "scope", "scope", ("phạm vi", "scope")),
    _nd47("source_database", "collection", "collection", ("phương thức thu thập", "collection")),
    _nd47("source_database", "updating", "updating", ("phương thức cập nhật", "updating")),
    _nd47("source_database", "owner", "owner", ("cơ quan chủ quản", "owner")),
    Row(
        "overlap",
        "nd47:overlap",
        Kind.CONCEPT,
        of="source_database",
        vocabulary="overlap",
        label_vi="trùng lắp với cơ sở dữ liệu quốc gia hoặc của bộ, ngành",
        label_en="overlap with a national or ministry database",
    ),
    _nd47(
        "source_database",
        "synchronised_from",
        "synchronisedFrom",
        ("đồng bộ từ", "synchronised from"),
    ),
    Row(
        "state",
        "nd47:qualityState",
        Kind.CONCEPT,
        of="quality_plan",
        vocabulary="quality-state",
        label_vi="tình trạng chất lượng",
        label_en="state of quality",
    ),
    _nd47("quality_plan", "improvement", "improvement", ("biện pháp nâng cao", "improvement")),
    _nd47("quality_plan", "responsible", "responsible", ("đơn vị thực hiện", "responsible")),
    _nd47("quality_plan", "deadline", "deadline", ("thời hạn", "deadline"), Kind.DATE),
    _nd47("yearly_check", "date", "date", ("ngày", "date"), Kind.DATE),
    _nd47("yearly_check", "result", "result", ("kết quả", "result")),
    _nd47("yearly_check", "document", "document", ("văn bản", "document")),
    *(_nd47("personal_data_assessment", *row) for row in _ASSESSED),
    *(_nd47("security_assessment", *row) for row in _ASSESSED),
    Row("url", "foaf:page", Kind.LINK, of="national_portal", rdf_class="foaf:Document"),
    _nd47("national_portal", "sent_date", "sentDate", ("ngày gửi", "sent"), Kind.DATE),
)

# Properties that are not fields of the schema.
MARKS = (
    # Follows from the fields. The update state itself changes with the day; stored bytes do not.
    Row(
        "next_due",
        "nd47:nextUpdateDue",
        Kind.DATE,
        label_vi="hạn cập nhật tiếp theo",
        label_en="day by which the next update is due",
    ),
    Row(
        "",
        "nd47:derived",
        Kind.NODE,
        many=True,
        label_vi="trường không có trong bản ghi, được suy ra khi kết xuất",
        label_en="field that the record does not state, worked out for the export",
    ),
    Row(
        "",
        "nd47:isOpen",
        Kind.NODE,
        of="license",
        label_vi="giấy phép mở",
        label_en="licence is open",
    ),
)

# A resource that is published as a service has a distribution and a service.
SERVICE = (
    Row("name", "dct:title", Kind.TEXT, of="service"),
    Row("description", "dct:description", Kind.TEXT, of="service", default="name"),
    Row("url", "dcat:endpointURL", Kind.NODE, of="service"),
    Row("data_dictionary", "dcat:endpointDescription", Kind.NODE, of="service"),
    Row("format", "dct:conformsTo", Kind.NODE, of="service", rdf_class="dct:Standard"),
)

DATASET = (*DESCRIPTION, *CLASSIFICATION, *RELATIONS, *GROUPS)

ROWS: tuple[Row, ...] = (
    *DATASET,
    *CONTACT,
    *PERIOD,
    *PLACE,
    *AGENT,
    *DISTRIBUTION,
    *SERVICE,
    *GROUP_FIELDS,
)


def rows_of(owner: str) -> tuple[Row, ...]:
    """Return the rows of an owner, for example `contact`."""
    return tuple(row for row in ROWS if row.of == owner)
