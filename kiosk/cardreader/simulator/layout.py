"""Which generations of the card there are, and what its files are called."""

from __future__ import annotations

from enum import Enum

MASTER_FILE = bytes.fromhex("3F00")
APPLET_AID = bytes.fromhex("A00000003029057000AD13100101FF")


class Applet(Enum):
    """The generations that are played (card manual 1.1, 2.3).

    ``atr`` is the answer to reset; ``software`` are bytes 16 to 27 of the card
    data: component, operating system, softmask, applet version and so on.
    """

    V1_0 = "1.0", "3B9894400AA503010101AD1310", "A5030101011000010001010F"
    V1_1 = "1.1", "3B9813400AA503010101AD1311", "A5030101011100020001010F"
    V1_7 = "1.7", "3B9813400AA503010101AD1311", "F3360122011700030021010F"
    V1_8 = "1.8", "3B7F96000080318065B085040120120FFF829000", "A5030101011800010000020F"

    def __init__(self, version: str, atr: str, software: str) -> None:
        self.version = version
        self.atr = bytes.fromhex(atr)
        self.software = bytes.fromhex(software)

    @property
    def has_basic_key(self) -> bool:
        """Whether the chip can prove itself without a PIN (card manual 2.5)."""
        return self is Applet.V1_8

    @property
    def finds_id_folder_by_name(self) -> bool:
        """Whether the folder with the identity has a name (card manual 1.2)."""
        return self not in (Applet.V1_0, Applet.V1_7)

    @property
    def charges_for_questions(self) -> bool:
        """Whether asking for the tries left of a PIN costs one (card manual 2.4)."""
        return self in (Applet.V1_0, Applet.V1_1)

    @classmethod
    def of_version(cls, version: str) -> Applet:
        """Look an applet up, as in "1.8"; raise ``KeyError`` otherwise."""
        return {member.version: member for member in cls}[version]


class Folder(Enum):
    """The dedicated files: their path from the master file, and their name."""

    BELPIC = bytes.fromhex("3F00DF00"), bytes.fromhex("A000000177504B43532D3135")
    ID = bytes.fromhex("3F00DF01"), bytes.fromhex("A000000177496446696C6573")

    def __init__(self, path: bytes, aid: bytes) -> None:
        self.path = path
        self.aid = aid


class File(Enum):
    """The elementary files: their path from the master file (card manual 3)."""

    DIR = "3F002F00"
    ODF = "3F00DF005031"
    TOKEN_INFO = "3F00DF005032"  # noqa: S105 – the name of a file, no secret
    AODF = "3F00DF005034"
    PRKDF = "3F00DF005035"
    CDF = "3F00DF005037"
    AUTHENTICATION_CERTIFICATE = "3F00DF005038"
    SIGNATURE_CERTIFICATE = "3F00DF005039"
    CITIZEN_CA_CERTIFICATE = "3F00DF00503A"
    ROOT_CERTIFICATE = "3F00DF00503B"
    RRN_CERTIFICATE = "3F00DF00503C"
    IDENTITY = "3F00DF014031"
    IDENTITY_SIGNATURE = "3F00DF014032"
    ADDRESS = "3F00DF014033"
    ADDRESS_SIGNATURE = "3F00DF014034"
    PHOTO = "3F00DF014035"
    CA_ROLE = "3F00DF014038"
    PREFERENCES = "3F00DF014039"
    BASIC_KEY = "3F00DF014040"

    @property
    def path(self) -> bytes:
        """The path with the master file in front."""
        return bytes.fromhex(self.value)

    @classmethod
    def by_number(cls, number: str) -> File:
        """Look a file up by its last four hexadecimal digits, as in ``4031``.

        Raise ``KeyError`` when the card has no such file.
        """
        return {member.value[-4:]: member for member in cls}[number.upper()]
