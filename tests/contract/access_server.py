"""The real central service with tokens, and clients of it."""

import json
import socket
import tomllib
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.contract.central_server import PEOPLE, CentralServer, Reply, question
from tests.support.dpo import DpoKey
from tests.support.signing import LOGIN, SERVICE, Key, assertion, ec_key, public_jwk

ADDRESS = SERVICE
TOKEN_URL = f"{ADDRESS}/v1/token"
TOKEN_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FORM = "application/x-www-form-urlencoded"
PURPOSE = "urn:gent:ipdc:test"


@dataclass
class Asker:
    """A client, or a device, that holds a key."""

    id: str
    key: Key = field(default_factory=ec_key)

    def assertion(self, **changes: Any) -> str:
        return assertion(self.key, self.id, TOKEN_URL, **changes)


def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def as_toml(name: str, **values: Any) -> str:
    """One table of a list of tables."""
    lines = [f"{key} = {_toml(value)}" for key, value in values.items()]
    text = "\n".join([f"[[{name}]]", *lines, ""])
    tomllib.loads(text)
    return text


def client_table(asker: Asker, **changes: Any) -> str:
    """A client of the settings that may check UiTPAS at a desk, but for the changes."""
    values = {
        "id": asker.id,
        "keys": [public_jwk(asker.key)],
        "scopes": ["check:uitpas", "source-status:read"],
        "purposes": [PURPOSE],
        "channels": ["desk"],
        "environment": "test",
        **changes,
    }
    return as_toml("clients", **{key: value for key, value in values.items() if value is not None})


def operators_table(folder: Path, key: Key) -> str:
    """The settings of a login whose key is in a file."""
    (folder / "login.jwks").write_text(json.dumps({"keys": [public_jwk(key, kid="2026")]}))
    keys = folder / "login.jwks"
    return f'[operators]\nissuer = "{LOGIN}"\naudience = "{SERVICE}"\nkeys = "{keys}"\n'


def dpo_table(folder: Path) -> str:
    """The settings of the audit with the public key of a made-up officer."""
    return f'[audit]\ndpo_key = "{DpoKey(folder / "dpo").public}"\n'


class AccessServer(CentralServer):
    """``eligibility serve`` for clients with tokens."""

    def __init__(
        self, folder: Path, more: str, url: str = "", port: int = 0, address: str = ADDRESS
    ) -> None:
        access = f'auth = "tokens"\naddress = "{address}"'
        super().__init__(folder, url, more=more, access=access, port=port)

    def beside(self, folder: Path) -> "AccessServer":
        """Another process with the same settings, key file and database."""
        folder.mkdir()
        (folder / "pseudonym.key").symlink_to(self.folder / "pseudonym.key")
        more = self.config.read_text().partition('pseudonym.key"\n')[2]
        return AccessServer(folder, more, self.url)

    def ask_for_token(self, text: str, **fields: str) -> Reply:
        """Send an assertion; further fields replace the usual ones."""
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": TOKEN_TYPE,
            "client_assertion": text,
            **fields,
        }
        body = urlencode({name: value for name, value in form.items() if value}).encode()
        return self.request("POST", "/v1/token", body, Content_Type=FORM)

    def token(self, asker: Asker, **fields: str) -> str:
        """A token for a client."""
        reply = self.ask_for_token(asker.assertion(), **fields)
        assert reply.status == 200, reply.text
        token: str = reply.json["access_token"]
        return token

    def ask(self, token: str, person: str = "an-peeters", **changes: Any) -> Reply:
        """Ask about one of the made-up people; ``operator`` and ``key`` become headers."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if "operator" in changes:
            headers["X_Operator_Assertion"] = changes.pop("operator")
        headers["Idempotency_Key"] = changes.pop("key", str(uuid.uuid4()))
        return self.post(question(PEOPLE[person]["number"], **changes), **headers)

    def get(self, path: str, token: str) -> Reply:
        return self.request("GET", path, Authorization=f"Bearer {token}")

    def revoke(self, device: str, token: str) -> Reply:
        """Revoke a device."""
        path = f"/v1/devices/{device}"
        return self.request("DELETE", path, Authorization=f"Bearer {token}")

    def enrol(self, code: str, key: Key | dict[str, Any]) -> Reply:
        """Enrol a machine with a key."""
        jwk = key if isinstance(key, dict) else public_jwk(key)
        body = json.dumps({"code": code, "jwk": jwk}).encode()
        return self.request("POST", "/v1/devices/enrolments", body, Content_Type="application/json")


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_toml(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)
