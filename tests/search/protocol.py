"""What the reconciliation protocol (version 0.2) asks of a service, as JSON schemas in our own words."""

from typing import Any

Schema = dict[str, Any]


def members(needed: dict[str, Schema], **optional: Schema) -> Schema:
    """An object with these members; others are free."""
    return {"type": "object", "properties": needed | optional, "required": list(needed)}


TEXT: Schema = {"type": "string"}
ADDRESS: Schema = {"type": "string", "pattern": "^https?://"}
OF_AN_ID: Schema = {"type": "string", "pattern": "^https?://.*\\{\\{id\\}\\}"}
TYPE = members({"id": TEXT}, name=TEXT)
TYPE_OR_ID: Schema = {"oneOf": [TYPE, TEXT]}
PLACE = members({}, service_url=ADDRESS, service_path=TEXT, flyout_service_url=TEXT, flyout_service_path=TEXT)
SIZE: Schema = {"type": "integer", "minimum": 1}

MANIFEST = members(
    {
        "versions": {"type": "array", "items": TEXT, "contains": {"const": "0.2"}},
        "name": TEXT,
        "identifierSpace": ADDRESS,
        "schemaSpace": ADDRESS,
    },
    documentation=ADDRESS,
    serviceVersion=TEXT,
    logo=ADDRESS,
    view=members({"url": OF_AN_ID}),
    defaultTypes={"type": "array", "items": TYPE, "uniqueItems": True},
    suggest=members({}, entity=PLACE, property=PLACE, type=PLACE),
    preview=members({"url": OF_AN_ID, "width": SIZE, "height": SIZE}),
    extend=members({}),
)

VALUE: Schema = {
    "anyOf": [TEXT, {"type": "number"}, {"type": "boolean"}, members({"id": TEXT}, name=TEXT)],
}
QUERY = members(
    {},
    query=TEXT,
    type={"anyOf": [TEXT, {"type": "array", "items": TEXT}]},
    limit={"type": "number"},
    type_strict={"enum": ["any", "should", "all"]},
    properties={
        "type": "array",
        "items": members({"pid": TEXT, "v": {"anyOf": [VALUE, {"type": "array", "items": VALUE}]}}),
    },
) | {
    "additionalProperties": False,
    "anyOf": [
        {"required": ["query"]},
        {"required": ["properties"], "properties": {"properties": {"type": "array", "minItems": 1}}},
    ],
}
QUERY_BATCH: Schema = {"type": "object", "additionalProperties": QUERY}

CANDIDATE = members(
    {"id": TEXT, "name": TEXT, "score": {"type": "number"}},
    description=TEXT,
    match={"type": "boolean"},
    type={"type": "array", "items": TYPE_OR_ID},
    features={
        "type": "array",
        "items": members({}, id=TEXT, value={"anyOf": [{"type": "boolean"}, {"type": "number"}]}),
    },
)
RESULT_BATCH: Schema = {
    "type": "object",
    "additionalProperties": members({"result": {"type": "array", "items": CANDIDATE}}),
}
SUGGESTED = members({"id": TEXT, "name": TEXT}, description=TEXT, notable={"type": "array", "items": TYPE_OR_ID})
SUGGESTIONS = members({"result": {"type": "array", "items": SUGGESTED}})
