"""Writes the OpenAPI document of the contract anew; a test compares it with the code."""

import json

from kiosk.data import data_path
from kiosk.service.central.operations.openapi import OPENAPI_FILE, document

if __name__ == "__main__":
    file = data_path(*OPENAPI_FILE)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{json.dumps(document(), indent=2, ensure_ascii=False)}\n", "utf-8")
    print(f"openapi: wrote {file.name}, {len(document()['paths'])} addresses")
