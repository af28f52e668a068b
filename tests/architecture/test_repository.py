"""What may stand in no file of the repository."""

import re
from collections.abc import Iterator

from tests.architecture.tree import ROOT, name_of, repository_files

# Put together here, so that this file does not hold what it looks for.
REGISTRY_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("crates", "io"),
        ("deb", "debian", "org"),
        ("snapshot", "debian", "org"),
    )
]
MACHINE_PATH = re.compile(r"(?<![\w.<~])/(?:work|root|home/\w+)(?:/|\b)")
OPTION_LINE = re.compile(
    r"^\s*(?:-i|-f|--index-url|--extra-index-url|--find-links|--trusted-host)\b"
)

# A national number, written in one go or as on the card. Hexadecimal text is not searched for them.
NUMBER = re.compile(r"(?<![\w.-])(\d{2}\.?\d{2}\.?\d{2}-?\d{3}[.-]?\d{2})(?![\w-])")
TEST_MONTHS = range(61, 73)


def lines() -> Iterator[tuple[str, str]]:
    for path in repository_files():
        content = path.read_bytes()
        if b"\0" in content:
            continue
        for number, line in enumerate(content.decode("utf-8").splitlines(), 1):
            yield f"{name_of(path)}:{number}", line


def real_numbers(line: str) -> list[str]:
    """The national numbers in a line that could be somebody's: test numbers have month 61 to 72."""
    return [
        written
        for written in NUMBER.findall(line)
        if is_national_number(digits := re.sub(r"\D", "", written))
        and int(digits[2:4]) not in TEST_MONTHS
    ]


def is_national_number(digits: str) -> bool:
    check = int(digits[9:])
    return check in (97 - int(digits[:9]) % 97, 97 - int("2" + digits[:9]) % 97)


def with_check_digits(first_nine: str) -> str:
    return f"{first_nine}{97 - int(first_nine) % 97:02}"


def test_no_address_of_a_package_registry() -> None:
    found = [
        f"{place}: {host}" for place, line in lines() for host in REGISTRY_HOSTS if host in line
    ]
    assert found == []


def test_no_path_of_a_machine() -> None:
    assert [f"{place}: {line}" for place, line in lines() if MACHINE_PATH.search(line)] == []


def test_no_number_that_could_be_somebodys() -> None:
    assert [place for place, line in lines() if real_numbers(line)] == []


def test_the_search_for_numbers_finds_them() -> None:
    somebody, made_up = with_check_digits("850101001"), with_check_digits("856101001")
    assert real_numbers(f"x {somebody}, y") == [somebody]
    assert real_numbers(
        f'"{somebody[:2]}.{somebody[2:4]}.{somebody[4:6]}-{somebody[6:9]}.{somebody[9:]}"'
    )
    assert real_numbers(made_up) == []
    assert real_numbers(f"abc{somebody}def") == []


def test_requirements_name_no_source() -> None:
    locked = sorted((ROOT / "requirements").glob("*.txt"))
    names = ["build", "central", "desktop", "dev", "installer", "windows"]
    assert [path.stem for path in locked] == names
    for path in locked:
        text = path.read_text("utf-8")
        assert "://" not in text, path.name
        assert not [line for line in text.splitlines() if OPTION_LINE.match(line)], path.name


def test_requirements_agree_with_each_other() -> None:
    pins: dict[str, set[str]] = {}
    for path in (ROOT / "requirements").glob("*.txt"):
        for name, version in re.findall(
            r"^([\w.-]+)==(\S+)", path.read_text("utf-8"), re.MULTILINE
        ):
            pins.setdefault(name, set()).add(version)
    assert {name: found for name, found in pins.items() if len(found) > 1} == {}


def test_every_requirement_has_hashes() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        for block in re.split(r"^(?=\w)", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            assert "--hash=sha256:" in block, f"{path.name}: {block.splitlines()[0]}"
