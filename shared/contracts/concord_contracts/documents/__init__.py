"""Documents about the messages, from the catalogue: JSON Schemas, an AsyncAPI document and an HTML page.

The package needs the extra `documents` (apispec, Jinja2). No code that handles messages imports it.
"""

from concord_contracts.documents.asyncapi import asyncapi
from concord_contracts.documents.page import POLICY, contracts_page
from concord_contracts.documents.schemas import data_schema, envelope_schema, schema_document

__all__ = ["POLICY", "asyncapi", "contracts_page", "data_schema", "envelope_schema", "schema_document"]
