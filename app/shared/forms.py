"""The forms that some texts must have: as regular expressions, and in words for a client whose text has another."""

from typing import Final

SLUG: Final = r"^[a-z0-9]+(-[a-z0-9]+)*$"
COUNTRY: Final = r"^[A-Z]{2}$"
RECORD: Final = rf"^[a-z]+/{SLUG[1:]}"
LANGUAGE: Final = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
ROLE: Final = r"^[a-z]+(_[a-z]+)*$"
SHA256: Final = r"^[0-9a-f]{64}$"
WEB_ADDRESS: Final = r"^https?://[A-Za-z0-9._~-]+(:[0-9]{1,5})?([/?#][!-~]*)?$"

IN_WORDS: Final = {
    SLUG: "a slug is needed: lower-case letters and digits of ASCII, in words joined by hyphens, as in core-weave",
    COUNTRY: "a country is needed as two capital letters (ISO 3166-1 alpha-2), as in US",
    RECORD: "a record is needed as its resource and its slug, as in companies/openai",
    LANGUAGE: "a language is needed as its code (BCP 47), as in en or pt-BR",
    ROLE: "a role is needed in lower-case letters, in words joined by underscores, as in founding_investor",
    SHA256: "64 hexadecimal digits in lower case are needed",
    WEB_ADDRESS: "an address of the web is needed, as in https://example.com/page?x=1: its host a name or IPv4, "
    "no user name before it, and what is not printable ASCII percent-encoded",
}
