"""Screens of the desk as the texts would fill them, for tests of how they look and work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kiosk.domain.verdict import Colour
from kiosk.ui.screens.parts import (
    Act,
    Action,
    Backdrop,
    Choice,
    Choices,
    Clock,
    Drawing,
    Kind,
    Line,
    Mark,
    Marked,
    NumberEntry,
    Screen,
)

NUMBER: Final = "85613001239"


@dataclass
class Times:
    """Time that stands still until a test moves it."""

    seconds_left: float = 58
    whole: float = 60
    gone: float = 1.9

    def left(self) -> float:
        return self.seconds_left

    def total(self) -> float:
        return self.whole

    def since_start(self) -> float:
        return self.gone


class Words:
    """Says seconds as the catalogue would."""

    def duration(self, seconds: int) -> str:
        return f"{seconds}\u00a0seconden" if seconds < 60 else f"{seconds // 60}\u00a0minuten"


def lines(*texts: str, mark: Mark = Mark.WELL, state: str = "werkt") -> tuple[Line, ...]:
    return tuple(Line(mark, text, state) for text in texts)


SOURCES: Final = lines("Rijksregister", "Sociale zekerheid", "Inkomen", "OCMW Gent")
DONE: Final = Action(Act.DONE, "Klaar", "Esc", first=True)
AGAIN: Final = Action(Act.AGAIN, "Opnieuw", "F5")
TYPE: Final = Action(Act.TYPE_NUMBER, "Nummer intypen", "F2")
EVIDENCE: Final = Marked(
    "Kan overruled worden door",
    lines("Attest van het ziekenfonds, dit jaar", "Attest van het OCMW")
    + lines("Beslissing jonger dan 3 maanden"),
)

STARTING: Final = Screen(
    kind=Kind.STARTING,
    backdrop=Backdrop.CALM,
    heading="Een ogenblik",
    announcement="Een ogenblik",
    sentence="Het programma start.",
)
IDLE: Final = Screen(
    kind=Kind.IDLE,
    backdrop=Backdrop.CALM,
    heading="Steek de kaart in de lezer",
    announcement="Steek de kaart in de lezer",
    subject="UiTPAS",
    sentence="Identiteitskaart, Kids-ID of vreemdelingenkaart",
    drawing=Drawing.PUT_IN,
    drawing_hint="Chip eerst,\nchip boven",
    choices=Choices(
        "Waarvoor kijkt u na?",
        (
            Choice("uitpas", "UiTPAS", chosen=True, key="Alt+1"),
            Choice("school", "School en opvang", chosen=False, key="Alt+2"),
            Choice("garbage", "Afvalzakken", chosen=False, key="Alt+3"),
            Choice("lez", "Lage-emissiezone", chosen=False, key="Alt+4"),
        ),
    ),
    entry_heading="Geen kaart bij?",
    panel_list=Marked("Bronnen", SOURCES),
    actions=(TYPE,),
)
CHECKING: Final = Screen(
    kind=Kind.CHECKING,
    backdrop=Backdrop.CALM,
    heading="Even kijken voor Mila",
    announcement="We kijken het na",
    subject="UiTPAS",
    sentence="We vragen het aan vier bronnen.",
    drawing=Drawing.IN_READER,
    clock=Clock.PROGRESS,
    panel_list=Marked(
        "Wat gebeurt er?",
        (
            Line(Mark.WELL, "Kaart gelezen", "klaar"),
            Line(Mark.WELL, "Kaart is echt", "klaar"),
            Line(Mark.BUSY, "Bronnen vragen", "bezig"),
            Line(Mark.LATER, "Antwoord", "straks"),
        ),
    ),
    note="Laat de kaart in de lezer zitten.",
    actions=(Action(Act.STOP, "Stoppen", "Esc"),),
)
GREEN: Final = Screen(
    kind=Kind.VERDICT,
    backdrop=Backdrop.VERDICT,
    colour=Colour.GREEN,
    heading="Recht op kansentarief",
    announcement="Groen. Recht op kansentarief",
    subject="UiTPAS",
    fact="Betaalt 20 % van de prijs",
    sentence="Geldig tot en met 30 april 2027",
    stage_list=Marked("Op basis van deze bronnen", SOURCES),
    panel_heading="Wat nu?",
    steps=(
        "Registreer de UiTPAS met kansentarief, **tot en met 30 april 2027**.",
        "Zeg wat de persoon betaalt: **20 % van de prijs**.",
        "Geef de kaart terug.",
    ),
    clock=Clock.STAYS,
    clock_text="Blijft nog {left}",
    reference="Controle 9Z4K",
    actions=(DONE, AGAIN),
)
ORANGE: Final = Screen(
    kind=Kind.VERDICT,
    backdrop=Backdrop.VERDICT,
    colour=Colour.ORANGE,
    heading="Nog niet zeker",
    announcement="Oranje. Nog niet zeker",
    subject="UiTPAS",
    fact="Eén bron antwoordt nu niet",
    sentence="Het recht kan er wel zijn. Dat weten we pas met die bron of met een bewijs.",
    stage_list=Marked(
        "Drie van vier bronnen antwoordden",
        (
            *SOURCES[:1],
            Line(Mark.SILENT, "Sociale zekerheid", "geen antwoord"),
            *SOURCES[2:],
        ),
    ),
    panel_heading="Wat nu?",
    steps=(
        "Druk op **F5**. We vragen de bron opnieuw.",
        "Nog geen antwoord? Vraag of de persoon **een bewijs** bij heeft.",
        "Geen bewijs? Dan geldt nu gewoon tarief.",
    ),
    evidence=EVIDENCE,
    clock=Clock.STAYS,
    clock_text="Blijft nog {left}",
    reference="Controle 9Z4K",
    actions=(
        Action(Act.DONE, "Klaar", "Esc"),
        Action(Act.AGAIN, "Opnieuw", "F5", first=True),
    ),
)
RED: Final = Screen(
    kind=Kind.VERDICT,
    backdrop=Backdrop.VERDICT,
    colour=Colour.RED,
    heading="Geen recht gevonden",
    announcement="Rood. Geen recht gevonden",
    subject="UiTPAS",
    fact="Gewoon tarief",
    sentence="De bronnen tonen vandaag geen recht op kansentarief. "
    "Een nieuwe beslissing staat er soms nog niet in.",
    stage_list=Marked("Alle vier bronnen antwoordden", SOURCES),
    panel_heading="Wat nu?",
    steps=(
        "Vraag of er **een recente brief** is.",
        "Ja? Volg de werkwijze van uw dienst.",
        "Nee? Geef de folder Uw rechten mee.",
    ),
    evidence=EVIDENCE,
    clock=Clock.STAYS,
    clock_text="Blijft nog {left}",
    reference="Controle 9Z4K",
    actions=(Action(Act.MORE_TIME, "Meer tijd", "F7"), DONE, AGAIN),
)
TYPING: Final = Screen(
    kind=Kind.TYPING,
    backdrop=Backdrop.CALM,
    heading="Typ het nummer van de kaart",
    announcement="Typ het nummer van de kaart",
    subject="UiTPAS",
    sentence="Het rijksregisternummer staat op de achterkant: 11 cijfers.",
    entry=NumberEntry(
        label="Rijksregisternummer",
        well="Het nummer klopt",
        wrong="Dit nummer klopt niet. Kijk het na op de kaart.",
        missing="Er ontbreken nog {left} cijfers.",
        note="Zonder kaart kunnen we niet zien of het de persoon zelf is. "
        "**Kijk naar een ander bewijs met foto.**",
        so_far="{typed} van 11 cijfers",
    ),
    choices=Choices(
        "Waarom zonder kaart?",
        (
            Choice("forgotten", "Kaart vergeten of verloren", chosen=True, key="Alt+1"),
            Choice("broken", "Kaart of lezer werkt niet", chosen=False, key="Alt+2"),
            Choice("refused", "Persoon wil de kaart niet geven", chosen=False, key="Alt+3"),
            Choice("other", "Andere reden", chosen=False, key="Alt+4"),
        ),
        "Dit komt in het logboek, samen met uw naam.",
    ),
    actions=(
        Action(Act.CHECK_NUMBER, "Nakijken", "Return", first=True),
        Action(Act.BACK, "Terug", "Esc"),
    ),
)
PROBLEM: Final = Screen(
    kind=Kind.PROBLEM,
    backdrop=Backdrop.NEUTRAL,
    heading="We kunnen de kaart niet lezen",
    announcement="We kunnen de kaart niet lezen",
    subject="UiTPAS",
    sentence="Dit zegt niets over het recht.",
    drawing=Drawing.CARD_FAILED,
    panel_heading="Probeer dit",
    steps=(
        "Haal de kaart uit de lezer.",
        "Veeg de chip schoon met een droge doek.",
        "Steek de kaart weer in, chip boven.",
        "Lukt het niet? Typ het nummer in.",
    ),
    reference="Code K202",
    actions=(
        Action(Act.AGAIN, "Opnieuw", "F5", first=True),
        TYPE,
        Action(Act.DONE, "Klaar", "Esc"),
    ),
)
OUT_OF_SERVICE: Final = Screen(
    kind=Kind.OUT_OF_SERVICE,
    backdrop=Backdrop.NEUTRAL,
    heading="De kaartlezer is niet aangesloten",
    announcement="De kaartlezer is niet aangesloten",
    subject="UiTPAS",
    sentence="Daardoor kunnen we nu geen kaart lezen.",
    stage_list=Marked(
        "",
        (
            *lines("Programma", "Kaartdienst van de computer"),
            Line(Mark.BROKEN, "Kaartlezer", "niet gevonden"),
            *lines("Netwerk", "Centrale dienst"),
        ),
    ),
    panel_heading="Doe dit",
    steps=(
        "Steek de USB-kabel van de lezer in de computer.",
        "Gebruik een andere poort als dat niet helpt.",
        "Lukt het niet? Bel de helpdesk en zeg de code.",
    ),
    clock=Clock.RETRIES,
    clock_text="We proberen vanzelf opnieuw over **{left}**.",
    reference="Code K103",
    actions=(Action(Act.TRY_NOW, "Nu proberen", "F5", first=True), TYPE),
)
TAKE_OUT: Final = Screen(
    kind=Kind.AWAITING_REMOVAL,
    backdrop=Backdrop.CALM,
    heading="Haal de kaart uit de lezer",
    announcement="Haal de kaart uit de lezer",
    subject="UiTPAS",
    drawing=Drawing.TAKE_OUT,
)
ALL: Final = {
    "starting": STARTING,
    "idle": IDLE,
    "checking": CHECKING,
    "green": GREEN,
    "orange": ORANGE,
    "red": RED,
    "typing": TYPING,
    "problem": PROBLEM,
    "out-of-service": OUT_OF_SERVICE,
    "take-out": TAKE_OUT,
}
