"""What is said of a guidance code when the service brings no text in the language of the screen."""

from __future__ import annotations

from typing import Final, NamedTuple

from kiosk.ui.screens.phrases import Phrase, translate


class LocalGuidance(NamedTuple):
    """A title and steps of our own. A step with ``{until}`` needs the end of a tariff."""

    title: Phrase
    steps: tuple[Phrase, ...]


LOCAL: Final[dict[str, LocalGuidance]] = {
    "UIT-G01": LocalGuidance(
        translate("Guidance", "Kansentarief toekennen"),
        (translate("Guidance", "Registreer de UiTPAS met kansentarief, **tot en met {until}**."),),
    ),
    "UIT-R01": LocalGuidance(
        translate("Guidance", "Geen recht gevonden"),
        (
            translate(
                "Guidance",
                "Vraag of er **een recente beslissing** op papier is, hoogstens drie maanden oud.",
            ),
            translate("Guidance", "Ja? Beslis daarmee. Nee? Dan geldt het gewone tarief."),
        ),
    ),
    "UIT-R06": LocalGuidance(
        translate("Guidance", "Woont buiten het gebied"),
        (translate("Guidance", "Verwijs naar de eigen gemeente."),),
    ),
    "UIT-A06": LocalGuidance(
        translate("Guidance", "Vraag aan de eigen gemeente"),
        (
            translate(
                "Guidance",
                "Het adres ligt in een andere gemeente, of de verhuizing is nog geen maand oud.",
            ),
            translate(
                "Guidance", "Verwijs naar die gemeente, of bekijk een recent bewijs van adres."
            ),
        ),
    ),
    "UIT-A08": LocalGuidance(
        translate("Guidance", "Recht pas geëindigd"),
        (
            translate(
                "Guidance",
                "Een recht liep minder dan een maand geleden af. De UiTPAS geeft dertig dagen"
                " extra.",
            ),
            translate("Guidance", "Vraag een bewijs dat het recht verlengd is."),
        ),
    ),
    "UIT-G07": LocalGuidance(
        translate("Guidance", "Recht loopt bijna af"),
        (
            translate(
                "Guidance", "Een recht geldt vandaag, maar te kort om er een tarief op te geven."
            ),
            translate("Guidance", "Vraag een bewijs dat het recht verlengd is."),
        ),
    ),
    "UIT-A10": LocalGuidance(
        translate("Guidance", "Kijk na waar het kind woont"),
        (
            translate("Guidance", "Vraag bij wie het kind minstens de helft van de tijd woont."),
            translate("Guidance", "Vraag daar een bewijs van, en beslis daarmee."),
        ),
    ),
    "COM-A01": LocalGuidance(
        translate("Guidance", "Geen geldig adres"),
        (
            translate("Guidance", "Verwijs naar Burgerzaken."),
            translate("Guidance", "Een attest van het OCMW is genoeg om zelf te beslissen."),
        ),
    ),
    "COM-A02": LocalGuidance(
        translate("Guidance", "Verblijf niet bevestigd"),
        (
            translate(
                "Guidance",
                "Vraag een bewijs van verblijf in Gent, of een attest van het OCMW of de opvang.",
            ),
        ),
    ),
    "COM-A03": LocalGuidance(
        translate("Guidance", "Nummer niet bekend"),
        (
            translate("Guidance", "Lees de kaart opnieuw, of kijk het getypte nummer na."),
            translate("Guidance", "Blijft het zo? Vraag een attest."),
        ),
    ),
    "COM-A04": LocalGuidance(
        translate("Guidance", "Dossier ontbreekt"),
        (translate("Guidance", "Een bron kent de persoon nog niet. Vraag een attest."),),
    ),
    "COM-A05": LocalGuidance(
        translate("Guidance", "Ingeschreven als afwezig"),
        (translate("Guidance", "Verwijs naar Burgerzaken om het adres in orde te brengen."),),
    ),
    "COM-A09": LocalGuidance(
        translate("Guidance", "Een bron antwoordt niet"),
        (
            translate("Guidance", "Probeer het over een minuut opnieuw."),
            translate("Guidance", "Lukt het niet? Vraag een attest."),
        ),
    ),
    "COM-A12": LocalGuidance(
        translate("Guidance", "Jonger dan 18"),
        (
            translate(
                "Guidance",
                "Wie jonger is dan 18 wordt aan de balie geholpen, liefst samen met een ouder.",
            ),
        ),
    ),
    "COM-A14": LocalGuidance(
        translate("Guidance", "Verblijft in een instelling"),
        (translate("Guidance", "Vraag een attest van de instelling of van het OCMW."),),
    ),
    "COM-A15": LocalGuidance(
        translate("Guidance", "Vraag het aan de verantwoordelijke"),
        (translate("Guidance", "De verantwoordelijke van de balie behandelt deze vraag."),),
    ),
    "COM-A17": LocalGuidance(
        translate("Guidance", "Inkomen nog niet bekend"),
        (
            translate(
                "Guidance",
                "Er is nog geen aanslag. Vraag een bewijs van het inkomen of een attest.",
            ),
        ),
    ),
    "COM-A18": LocalGuidance(
        translate("Guidance", "Kom even naar de balie"),
        (translate("Guidance", "Een medewerker van de balie helpt verder."),),
    ),
    "COM-R01": LocalGuidance(
        translate("Guidance", "Geen tarief met deze kaart"),
        (translate("Guidance", "Houd de kaart bij en volg de werkinstructie."),),
    ),
}
