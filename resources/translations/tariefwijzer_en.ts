<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="nl">
<context>
    <name>Band</name>
    <message>
        <source>TEST: geen echte personen, geen echte rechten</source>
        <translation>TEST: no real persons, no real entitlements</translation>
    </message>
</context>
<context>
    <name>Buttons</name>
    <message>
        <source>Klaar</source>
        <translation>Done</translation>
    </message>
    <message>
        <source>Opnieuw</source>
        <translation>Again</translation>
    </message>
    <message>
        <source>Stoppen</source>
        <translation>Stop</translation>
    </message>
    <message>
        <source>Terug</source>
        <translation>Back</translation>
    </message>
    <message>
        <source>Nummer intypen</source>
        <translation>Type the number</translation>
    </message>
    <message>
        <source>Nakijken</source>
        <translation>Check</translation>
    </message>
    <message>
        <source>Nu proberen</source>
        <translation>Try now</translation>
    </message>
    <message>
        <source>Meer tijd</source>
        <translation>More time</translation>
    </message>
</context>
<context>
    <name>Demo</name>
    <message>
        <source>groen</source>
        <translation>green</translation>
    </message>
    <message>
        <source>oranje</source>
        <translation>orange</translation>
    </message>
    <message>
        <source>rood</source>
        <translation>red</translation>
    </message>
    <message>
        <source>geen uitkomst</source>
        <translation>no outcome</translation>
    </message>
    <message>
        <source>Oefenmodus: verzonnen personen, geen echte bronnen</source>
        <translation>Practice: made-up persons, no real sources</translation>
    </message>
    <message>
        <source>Stoppen</source>
        <translation>Stop</translation>
    </message>
    <message>
        <source>Kaart insteken</source>
        <translation>Put card in</translation>
    </message>
    <message>
        <source>Kaart uithalen</source>
        <translation>Take card out</translation>
    </message>
    <message>
        <source>Dienst stoppen</source>
        <translation>Stop the service</translation>
    </message>
    <message>
        <source>Dienst starten</source>
        <translation>Start the service</translation>
    </message>
    <message>
        <source>Personen</source>
        <translation>Persons</translation>
    </message>
    <message>
        <source>Kies iemand en steek de kaart in.</source>
        <translation>Choose somebody and put the card in.</translation>
    </message>
</context>
<context>
    <name>Desk</name>
    <message>
        <source>Kaart vergeten of verloren</source>
        <translation>Card forgotten or lost</translation>
    </message>
    <message>
        <source>Kaart of lezer werkt niet</source>
        <translation>Card or reader does not work</translation>
    </message>
    <message>
        <source>Persoon wil de kaart niet geven</source>
        <translation>Person will not give the card</translation>
    </message>
    <message>
        <source>Kaart is vervallen</source>
        <translation>Card has expired</translation>
    </message>
    <message>
        <source>Andere reden</source>
        <translation>Another reason</translation>
    </message>
    <message>
        <source>Een ogenblik…</source>
        <translation>One moment…</translation>
    </message>
    <message>
        <source>We zoeken de kaartlezer.</source>
        <translation>We are looking for the card reader.</translation>
    </message>
    <message>
        <source>Steek de kaart in de lezer</source>
        <translation>Put the card in the reader</translation>
    </message>
    <message>
        <source>Identiteitskaart, Kids-ID of vreemdelingenkaart</source>
        <translation>Identity card, Kids-ID or foreigner’s card</translation>
    </message>
    <message>
        <source>Chip eerst,
chip boven</source>
        <translation>Chip first,
chip up</translation>
    </message>
    <message>
        <source>Geen kaart bij?</source>
        <translation>No card?</translation>
    </message>
    <message>
        <source>Waarvoor kijkt u na?</source>
        <translation>What are you checking?</translation>
    </message>
    <message>
        <source>Typ het nummer van de kaart</source>
        <translation>Type the number of the card</translation>
    </message>
    <message>
        <source>Waarom zonder kaart?</source>
        <translation>Why without the card?</translation>
    </message>
    <message>
        <source>Rijksregisternummer</source>
        <translation>National number</translation>
    </message>
    <message>
        <source>Het nummer klopt</source>
        <translation>The number is right</translation>
    </message>
    <message>
        <source>Dit nummer klopt niet. Kijk het na.</source>
        <translation>This number is not right. Check it.</translation>
    </message>
    <message>
        <source>Cijfers die nog ontbreken: {left}</source>
        <translation>Digits still missing: {left}</translation>
    </message>
    <message>
        <source>Zonder kaart kunnen we niet zien of het de persoon zelf is. **Kijk naar een ander bewijs met foto.**</source>
        <translation>Without the card we cannot see whether it is really this person. **Look at another proof with a photo.**</translation>
    </message>
    <message>
        <source>De kaart is bezet</source>
        <translation>The card is busy</translation>
    </message>
    <message>
        <source>Het rijksregisternummer staat op de achterkant: 11&#xa0;cijfers.</source>
        <translation>The national number is on the back: 11&#xa0;digits.</translation>
    </message>
    <message>
        <source>{typed} van 11&#xa0;cijfers</source>
        <translation>{typed} of 11&#xa0;digits</translation>
    </message>
    <message>
        <source>We lezen de kaart</source>
        <translation>Reading the card</translation>
    </message>
    <message>
        <source>Dit duurt enkele seconden.</source>
        <translation>This takes a few seconds.</translation>
    </message>
    <message>
        <source>Wat gebeurt er?</source>
        <translation>What is happening?</translation>
    </message>
    <message>
        <source>Laat de kaart in de lezer zitten.</source>
        <translation>Leave the card in the reader.</translation>
    </message>
    <message>
        <source>Wachten tot de kaart vrij is</source>
        <translation>Waiting for the card to be free</translation>
    </message>
    <message>
        <source>Misschien gebruikt een ander programma ze. We beginnen vanzelf.</source>
        <translation>Perhaps another program is using it. Reading starts by itself.</translation>
    </message>
    <message>
        <source>Even kijken</source>
        <translation>Checking now</translation>
    </message>
    <message>
        <source>Even kijken voor {name}</source>
        <translation>Checking for {name}</translation>
    </message>
    <message>
        <source>We vragen het aan de bronnen.</source>
        <translation>We are asking the sources.</translation>
    </message>
    <message>
        <source>Kaart lezen</source>
        <translation>Read the card</translation>
    </message>
    <message>
        <source>Kijken of de kaart echt is</source>
        <translation>See whether the card is genuine</translation>
    </message>
    <message>
        <source>Kaart gelezen</source>
        <translation>Card read</translation>
    </message>
    <message>
        <source>Kaart is echt</source>
        <translation>Card is genuine</translation>
    </message>
    <message>
        <source>Bronnen vragen</source>
        <translation>Ask the sources</translation>
    </message>
    <message>
        <source>Antwoord</source>
        <translation>Answer</translation>
    </message>
    <message>
        <source>Neem de kaart uit de lezer</source>
        <translation>Take the card out of the reader</translation>
    </message>
    <message>
        <source>Daarna kan de volgende kaart erin.</source>
        <translation>Then the next card can go in.</translation>
    </message>
    <message>
        <source>Toch het nummer intypen?</source>
        <translation>Type the number after all?</translation>
    </message>
    <message>
        <source>Blijft nog {left}</source>
        <translation>Stays for {left}</translation>
    </message>
    <message>
        <source>Wat nu?</source>
        <translation>What now?</translation>
    </message>
</context>
<context>
    <name>Guidance</name>
    <message>
        <source>Pas het tarief toe.</source>
        <translation>Apply the tariff.</translation>
    </message>
    <message>
        <source>Vraag of er **een recente beslissing** op papier is.</source>
        <translation>Ask whether there is **a recent decision** on paper.</translation>
    </message>
    <message>
        <source>Nee? Dan geldt het gewone tarief.</source>
        <translation>If not, the ordinary tariff applies.</translation>
    </message>
    <message>
        <source>Druk op **F5**. We vragen de bron opnieuw.</source>
        <translation>Press **F5**. We ask the source again.</translation>
    </message>
    <message>
        <source>Nog geen antwoord? Vraag of de persoon **een bewijs** bij heeft.</source>
        <translation>Still no answer? Ask whether the person has **a proof** with them.</translation>
    </message>
    <message>
        <source>Geen bewijs? Dan geldt nu het gewone tarief.</source>
        <translation>No proof? Then the ordinary tariff applies for now.</translation>
    </message>
    <message>
        <source>Vraag of de persoon **een bewijs** bij heeft.</source>
        <translation>Ask whether the person has **a proof** with them.</translation>
    </message>
    <message>
        <source>Twijfelt u? Vraag het aan uw verantwoordelijke.</source>
        <translation>In doubt? Ask your supervisor.</translation>
    </message>
    <message>
        <source>Attest van het ziekenfonds, van dit jaar</source>
        <translation>Attestation of the health insurance fund, of this year</translation>
    </message>
    <message>
        <source>Attest van het OCMW</source>
        <translation>Attestation of the OCMW</translation>
    </message>
    <message>
        <source>Bewijs van collectieve schuldenregeling</source>
        <translation>Proof of collective debt settlement</translation>
    </message>
    <message>
        <source>Attest of kaart voor personen met een handicap</source>
        <translation>Attestation or card for persons with a disability</translation>
    </message>
    <message>
        <source>Attest van mantelzorger</source>
        <translation>Attestation of a carer</translation>
    </message>
    <message>
        <source>Inschrijvingsbewijs van het voertuig</source>
        <translation>Registration certificate of the vehicle</translation>
    </message>
    <message>
        <source>Dit bewijs gaat voor</source>
        <translation>This proof comes first</translation>
    </message>
    <message>
        <source>Zeg wat de persoon betaalt: **{percent} van de prijs**.</source>
        <translation>Tell the person what to pay: **{percent} of the price**.</translation>
    </message>
    <message>
        <source>Kansentarief toekennen</source>
        <translation>Grant the reduced rate</translation>
    </message>
    <message>
        <source>Registreer de UiTPAS met kansentarief, **tot en met {until}**.</source>
        <translation>Register the UiTPAS at the reduced rate, **until {until}**.</translation>
    </message>
    <message>
        <source>Geen recht gevonden</source>
        <translation>No entitlement found</translation>
    </message>
    <message>
        <source>Vraag of er **een recente beslissing** op papier is, hoogstens drie maanden oud.</source>
        <translation>Ask whether there is **a recent decision** on paper, three months old at most.</translation>
    </message>
    <message>
        <source>Ja? Beslis daarmee. Nee? Dan geldt het gewone tarief.</source>
        <translation>If so, decide on it. If not, the ordinary tariff applies.</translation>
    </message>
    <message>
        <source>Woont buiten het gebied</source>
        <translation>Lives outside the area</translation>
    </message>
    <message>
        <source>Verwijs naar de eigen gemeente.</source>
        <translation>Refer the person to their own municipality.</translation>
    </message>
    <message>
        <source>Vraag aan de eigen gemeente</source>
        <translation>Ask their own municipality</translation>
    </message>
    <message>
        <source>Het adres ligt in een andere gemeente, of de verhuizing is nog geen maand oud.</source>
        <translation>The address is in another municipality, or the move is less than a month old.</translation>
    </message>
    <message>
        <source>Verwijs naar die gemeente, of bekijk een recent bewijs van adres.</source>
        <translation>Refer to that municipality, or look at a recent proof of address.</translation>
    </message>
    <message>
        <source>Recht pas geëindigd</source>
        <translation>Entitlement ended recently</translation>
    </message>
    <message>
        <source>Een recht liep minder dan een maand geleden af. De UiTPAS geeft dertig dagen extra.</source>
        <translation>An entitlement ended less than a month ago. The UiTPAS allows thirty days more.</translation>
    </message>
    <message>
        <source>Vraag een bewijs dat het recht verlengd is.</source>
        <translation>Ask for proof that it was renewed.</translation>
    </message>
    <message>
        <source>Recht loopt bijna af</source>
        <translation>Entitlement about to end</translation>
    </message>
    <message>
        <source>Een recht geldt vandaag, maar te kort om er een tarief op te geven.</source>
        <translation>An entitlement holds today, but for too short a time to grant a tariff on it.</translation>
    </message>
    <message>
        <source>Kijk na waar het kind woont</source>
        <translation>Check where the child lives</translation>
    </message>
    <message>
        <source>Vraag bij wie het kind minstens de helft van de tijd woont.</source>
        <translation>Ask with whom the child lives at least half of the time.</translation>
    </message>
    <message>
        <source>Vraag daar een bewijs van, en beslis daarmee.</source>
        <translation>Ask for proof of that, and decide on it.</translation>
    </message>
    <message>
        <source>Geen geldig adres</source>
        <translation>No valid address</translation>
    </message>
    <message>
        <source>Verwijs naar Burgerzaken.</source>
        <translation>Refer to Civil Affairs.</translation>
    </message>
    <message>
        <source>Een attest van het OCMW is genoeg om zelf te beslissen.</source>
        <translation>An attestation of the OCMW is enough to decide yourself.</translation>
    </message>
    <message>
        <source>Verblijf niet bevestigd</source>
        <translation>Residence not confirmed</translation>
    </message>
    <message>
        <source>Vraag een bewijs van verblijf in Gent, of een attest van het OCMW of de opvang.</source>
        <translation>Ask for proof of residence in Ghent, or an attestation of the OCMW or the reception centre.</translation>
    </message>
    <message>
        <source>Nummer niet bekend</source>
        <translation>Number not known</translation>
    </message>
    <message>
        <source>Lees de kaart opnieuw, of kijk het getypte nummer na.</source>
        <translation>Read the card again, or check the typed number.</translation>
    </message>
    <message>
        <source>Blijft het zo? Vraag een attest.</source>
        <translation>If it stays so, ask for an attestation.</translation>
    </message>
    <message>
        <source>Dossier ontbreekt</source>
        <translation>File missing</translation>
    </message>
    <message>
        <source>Een bron kent de persoon nog niet. Vraag een attest.</source>
        <translation>A source does not know the person yet. Ask for an attestation.</translation>
    </message>
    <message>
        <source>Ingeschreven als afwezig</source>
        <translation>Registered as absent</translation>
    </message>
    <message>
        <source>Verwijs naar Burgerzaken om het adres in orde te brengen.</source>
        <translation>Refer to Civil Affairs to put the address right.</translation>
    </message>
    <message>
        <source>Een bron antwoordt niet</source>
        <translation>A source does not answer</translation>
    </message>
    <message>
        <source>Probeer het over een minuut opnieuw.</source>
        <translation>Try again in a minute.</translation>
    </message>
    <message>
        <source>Lukt het niet? Vraag een attest.</source>
        <translation>If that fails, ask for an attestation.</translation>
    </message>
    <message>
        <source>Jonger dan 18</source>
        <translation>Younger than 18</translation>
    </message>
    <message>
        <source>Wie jonger is dan 18 wordt aan de balie geholpen, liefst samen met een ouder.</source>
        <translation>Those under 18 are helped at the desk, preferably with a parent.</translation>
    </message>
    <message>
        <source>Verblijft in een instelling</source>
        <translation>Lives in an institution</translation>
    </message>
    <message>
        <source>Vraag een attest van de instelling of van het OCMW.</source>
        <translation>Ask for an attestation of the institution or the OCMW.</translation>
    </message>
    <message>
        <source>Vraag het aan de verantwoordelijke</source>
        <translation>Ask the supervisor</translation>
    </message>
    <message>
        <source>De verantwoordelijke van de balie behandelt deze vraag.</source>
        <translation>The supervisor of the desk handles this question.</translation>
    </message>
    <message>
        <source>Inkomen nog niet bekend</source>
        <translation>Income not known yet</translation>
    </message>
    <message>
        <source>Er is nog geen aanslag. Vraag een bewijs van het inkomen of een attest.</source>
        <translation>There is no tax assessment yet. Ask for proof of income or an attestation.</translation>
    </message>
    <message>
        <source>Kom even naar de balie</source>
        <translation>Please come to the desk</translation>
    </message>
    <message>
        <source>Een medewerker van de balie helpt verder.</source>
        <translation>A member of staff at the desk will help.</translation>
    </message>
    <message>
        <source>Geen tarief met deze kaart</source>
        <translation>No tariff with this card</translation>
    </message>
    <message>
        <source>Houd de kaart bij en volg de werkinstructie.</source>
        <translation>Keep the card and follow the work instruction.</translation>
    </message>
</context>
<context>
    <name>Numbers</name>
    <message>
        <source>{share}&#xa0;%</source>
        <translation>{share}%</translation>
    </message>
    <message>
        <source>1&#xa0;seconde</source>
        <translation>1&#xa0;second</translation>
    </message>
    <message>
        <source>{count}&#xa0;seconden</source>
        <translation>{count}&#xa0;seconds</translation>
    </message>
    <message>
        <source>{count}&#xa0;minuten</source>
        <translation>{count}&#xa0;minutes</translation>
    </message>
</context>
<context>
    <name>Problem</name>
    <message>
        <source>Programma</source>
        <translation>Program</translation>
    </message>
    <message>
        <source>Kaartdienst van de computer</source>
        <translation>Card service of the computer</translation>
    </message>
    <message>
        <source>Kaartlezer</source>
        <translation>Card reader</translation>
    </message>
    <message>
        <source>werkt niet</source>
        <translation>does not work</translation>
    </message>
    <message>
        <source>geen toegang</source>
        <translation>no access</translation>
    </message>
    <message>
        <source>niet gevonden</source>
        <translation>not found</translation>
    </message>
    <message>
        <source>losgekoppeld</source>
        <translation>unplugged</translation>
    </message>
    <message>
        <source>geen kaart</source>
        <translation>no card</translation>
    </message>
    <message>
        <source>Daardoor kunnen we nu geen kaart lezen.</source>
        <translation>So we cannot read a card now.</translation>
    </message>
    <message>
        <source>Daardoor werkt dit toestel nu niet.</source>
        <translation>So this terminal does not work now.</translation>
    </message>
    <message>
        <source>Doe dit</source>
        <translation>Do this</translation>
    </message>
    <message>
        <source>We proberen vanzelf opnieuw over **{left}**.</source>
        <translation>Trying again in **{left}**.</translation>
    </message>
    <message>
        <source>Dit zegt niets over het recht.</source>
        <translation>This says nothing about any entitlement.</translation>
    </message>
    <message>
        <source>Probeer dit</source>
        <translation>Try this</translation>
    </message>
    <message>
        <source>Code {code}</source>
        <translation>Code {code}</translation>
    </message>
    <message>
        <source>werkt</source>
        <translation>works</translation>
    </message>
    <message>
        <source>niet nagekeken</source>
        <translation>not checked</translation>
    </message>
    <message>
        <source>geen antwoord</source>
        <translation>no answer</translation>
    </message>
    <message>
        <source>Centrale dienst</source>
        <translation>Central service</translation>
    </message>
    <message>
        <source>Bel de helpdesk en zeg de code.</source>
        <translation>Call the helpdesk and tell them the code.</translation>
    </message>
    <message>
        <source>Lukt het niet? Bel de helpdesk en zeg de code.</source>
        <translation>Still not working? Call the helpdesk and tell them the code.</translation>
    </message>
    <message>
        <source>Haal de kaart uit de lezer.</source>
        <translation>Take the card out of the reader.</translation>
    </message>
    <message>
        <source>Steek de kaart weer in, chip boven.</source>
        <translation>Put the card in again, chip up.</translation>
    </message>
    <message>
        <source>Veeg de chip schoon met een droge doek.</source>
        <translation>Wipe the chip with a dry cloth.</translation>
    </message>
    <message>
        <source>Wacht even en probeer het opnieuw.</source>
        <translation>Wait a moment and try again.</translation>
    </message>
    <message>
        <source>Vraag een ander bewijs van identiteit.</source>
        <translation>Ask for another proof of identity.</translation>
    </message>
    <message>
        <source>Neem deze kaart niet aan als bewijs.</source>
        <translation>Do not accept this card as proof.</translation>
    </message>
    <message>
        <source>Meld de code aan uw verantwoordelijke.</source>
        <translation>Report the code to your supervisor.</translation>
    </message>
    <message>
        <source>De kaartdienst werkt niet</source>
        <translation>The card service does not work</translation>
    </message>
    <message>
        <source>Start de computer opnieuw.</source>
        <translation>Restart the computer.</translation>
    </message>
    <message>
        <source>Geen toegang tot de kaartdienst</source>
        <translation>No access to the card service</translation>
    </message>
    <message>
        <source>Geen kaartlezer gevonden</source>
        <translation>No card reader found</translation>
    </message>
    <message>
        <source>Steek de USB-kabel van de lezer in de computer.</source>
        <translation>Plug the USB cable of the reader into the computer.</translation>
    </message>
    <message>
        <source>Gebruik een andere poort als dat niet helpt.</source>
        <translation>Use another port if that does not help.</translation>
    </message>
    <message>
        <source>De kaartlezer is losgekoppeld</source>
        <translation>The card reader is unplugged</translation>
    </message>
    <message>
        <source>Steek de USB-kabel van de lezer weer in de computer.</source>
        <translation>Plug the USB cable of the reader into the computer again.</translation>
    </message>
    <message>
        <source>Er kwam geen kaart</source>
        <translation>No card came</translation>
    </message>
    <message>
        <source>Steek de kaart in de lezer, chip boven.</source>
        <translation>Put the card in the reader, chip up.</translation>
    </message>
    <message>
        <source>De kaart ging er te vroeg uit</source>
        <translation>The card was taken out too early</translation>
    </message>
    <message>
        <source>Laat ze zitten tot het antwoord er is.</source>
        <translation>Leave it in until the answer is there.</translation>
    </message>
    <message>
        <source>We kunnen de kaart niet lezen</source>
        <translation>We cannot read the card</translation>
    </message>
    <message>
        <source>Dit is geen Belgische eID</source>
        <translation>This is not a Belgian eID</translation>
    </message>
    <message>
        <source>Vraag een Belgische identiteitskaart, Kids-ID of vreemdelingenkaart.</source>
        <translation>Ask for a Belgian identity card, Kids-ID or foreigner’s card.</translation>
    </message>
    <message>
        <source>Lukt het niet? Typ het nummer in.</source>
        <translation>Does that not help? Type the number.</translation>
    </message>
    <message>
        <source>Typ het nummer in.</source>
        <translation>Type the number.</translation>
    </message>
    <message>
        <source>Ander bewijs met foto gezien? Typ dan het nummer in.</source>
        <translation>Have you seen another proof with a photo? Then type the number.</translation>
    </message>
    <message>
        <source>Geen andere kaart? Typ het nummer in.</source>
        <translation>No other card? Type the number.</translation>
    </message>
    <message>
        <source>De kaart is vervallen</source>
        <translation>The card has expired</translation>
    </message>
    <message>
        <source>Kijk of de persoon op de foto lijkt.</source>
        <translation>See whether the person looks like the photo.</translation>
    </message>
    <message>
        <source>Zeg dat de kaart vervallen is. De gemeente maakt een nieuwe.</source>
        <translation>Say that the card has expired. The municipality makes a new one.</translation>
    </message>
    <message>
        <source>Geen kaart van een persoon</source>
        <translation>Not the card of a person</translation>
    </message>
    <message>
        <source>Vraag de identiteitskaart van de persoon zelf.</source>
        <translation>Ask for the identity card of the person.</translation>
    </message>
    <message>
        <source>De kaart antwoordt niet</source>
        <translation>The card does not answer</translation>
    </message>
    <message>
        <source>Draai de kaart om: de chip gaat eerst in de lezer.</source>
        <translation>Turn the card: the chip goes into the reader first.</translation>
    </message>
    <message>
        <source>Op nieuwe kaarten staat de chip op de achterkant.</source>
        <translation>On new cards the chip is on the back.</translation>
    </message>
    <message>
        <source>De kaart viel stil</source>
        <translation>The card fell silent</translation>
    </message>
    <message>
        <source>De kaart is bezet</source>
        <translation>The card is busy</translation>
    </message>
    <message>
        <source>Sluit andere programma’s die de kaart gebruiken.</source>
        <translation>Close other programs that use the card.</translation>
    </message>
    <message>
        <source>De kaart is niet geactiveerd</source>
        <translation>The card is not activated</translation>
    </message>
    <message>
        <source>Alleen de gemeente kan de kaart activeren.</source>
        <translation>Only the municipality can activate the card.</translation>
    </message>
    <message>
        <source>De kaart is nog niet geldig</source>
        <translation>The card is not valid yet</translation>
    </message>
    <message>
        <source>Kijk naar de datum op de kaart.</source>
        <translation>Look at the date on the card.</translation>
    </message>
    <message>
        <source>Kijk of de klok van deze computer juist staat.</source>
        <translation>See whether the clock of this computer is right.</translation>
    </message>
    <message>
        <source>Het nummer klopt niet</source>
        <translation>The number is not right</translation>
    </message>
    <message>
        <source>Kijk het nummer na op de kaart.</source>
        <translation>Check the number on the card.</translation>
    </message>
    <message>
        <source>Staat het zo op de kaart? Vraag het aan Burgerzaken.</source>
        <translation>Is it like this on the card? Ask Civil Affairs.</translation>
    </message>
    <message>
        <source>We vertrouwen de gegevens niet</source>
        <translation>We do not trust the data</translation>
    </message>
    <message>
        <source>We kennen deze kaart nog niet</source>
        <translation>We do not know this card yet</translation>
    </message>
    <message>
        <source>De kaart kan echt zijn: dit programma kent ze nog niet.</source>
        <translation>The card may be genuine: this program does not know it yet.</translation>
    </message>
    <message>
        <source>De chip kon zich niet bewijzen</source>
        <translation>The chip could not prove itself</translation>
    </message>
    <message>
        <source>Het certificaat klopt niet</source>
        <translation>The certificate is not right</translation>
    </message>
    <message>
        <source>De chip kan zich niet bewijzen</source>
        <translation>The chip cannot prove itself</translation>
    </message>
    <message>
        <source>Vraag een nieuwere kaart.</source>
        <translation>Ask for a newer card.</translation>
    </message>
    <message>
        <source>Geen nieuwere? Vraag een ander bewijs van identiteit.</source>
        <translation>No newer one? Ask for another proof of identity.</translation>
    </message>
    <message>
        <source>De handtekening is te oud</source>
        <translation>The signature is too old</translation>
    </message>
    <message>
        <source>Geen verbinding met de dienst</source>
        <translation>No connection to the service</translation>
    </message>
    <message>
        <source>Kijk of andere programma’s wel verbinding hebben.</source>
        <translation>See whether other programs have a connection.</translation>
    </message>
    <message>
        <source>De dienst antwoordt te traag</source>
        <translation>The service is too slow</translation>
    </message>
    <message>
        <source>De dienst weigert dit toestel</source>
        <translation>The service refuses this terminal</translation>
    </message>
    <message>
        <source>We begrijpen het antwoord niet</source>
        <translation>We do not understand the answer</translation>
    </message>
    <message>
        <source>Het is te druk bij de dienst</source>
        <translation>The service is too busy</translation>
    </message>
    <message>
        <source>Wacht een minuut en probeer het opnieuw.</source>
        <translation>Wait a minute and try again.</translation>
    </message>
    <message>
        <source>De dienst heeft een storing</source>
        <translation>The service has a fault</translation>
    </message>
    <message>
        <source>De verbinding is niet veilig</source>
        <translation>The connection is not safe</translation>
    </message>
    <message>
        <source>De dienst weigert de vraag</source>
        <translation>The service refuses the question</translation>
    </message>
    <message>
        <source>De instellingen kloppen niet</source>
        <translation>The settings are not right</translation>
    </message>
    <message>
        <source>De sleutel van dit toestel werkt niet</source>
        <translation>The key of this terminal does not work</translation>
    </message>
    <message>
        <source>Het programma voor de sleutel ontbreekt</source>
        <translation>The program for the key is missing</translation>
    </message>
    <message>
        <source>De sleutel antwoordt niet</source>
        <translation>The key of this terminal does not answer</translation>
    </message>
    <message>
        <source>Kijk of de kaart of stick met de sleutel erin zit.</source>
        <translation>See whether the card or stick with the key is in.</translation>
    </message>
    <message>
        <source>De pincode van de sleutel klopt niet</source>
        <translation>The PIN of the key is wrong</translation>
    </message>
    <message>
        <source>Er is meer dan één sleutel met die naam</source>
        <translation>There is more than one key of that name</translation>
    </message>
    <message>
        <source>Er ging iets mis</source>
        <translation>Something went wrong</translation>
    </message>
    <message>
        <source>De controle werd onderbroken</source>
        <translation>The check was interrupted</translation>
    </message>
</context>
<context>
    <name>SelfService</name>
    <message>
        <source>de balie</source>
        <translation>the desk</translation>
    </message>
    <message>
        <source>Een ogenblik…</source>
        <translation>One moment…</translation>
    </message>
    <message>
        <source>Het toestel start.</source>
        <translation>The terminal is starting.</translation>
    </message>
    <message>
        <source>Dit toestel werkt nu niet</source>
        <translation>This terminal is out of order</translation>
    </message>
    <message>
        <source>Ga naar {desk}.</source>
        <translation>Go to {desk}.</translation>
    </message>
    <message>
        <source>Dat ligt niet aan u. Aan de balie helpen we u graag.</source>
        <translation>This is not because of you. At the desk we are glad to help you.</translation>
    </message>
    <message>
        <source>We proberen het vanzelf opnieuw.</source>
        <translation>We keep trying.</translation>
    </message>
    <message>
        <source>Steek uw kaart in de lezer</source>
        <translation>Put your card in the reader</translation>
    </message>
    <message>
        <source>We lezen uw naam en rijksregisternummer. Zo weten we of u minder betaalt.</source>
        <translation>We read your name and national number. That tells us whether you pay less.</translation>
    </message>
    <message>
        <source>Geen kaart, of liever niet? Ga naar {desk}.</source>
        <translation>No card, or prefer not to use it? Go to {desk}.</translation>
    </message>
    <message>
        <source>Chip eerst,
chip boven</source>
        <translation>Chip first,
chip up</translation>
    </message>
    <message>
        <source>We lezen uw kaart</source>
        <translation>Reading your card</translation>
    </message>
    <message>
        <source>We kijken het na</source>
        <translation>We are checking</translation>
    </message>
    <message>
        <source>Laat uw kaart in de lezer zitten.</source>
        <translation>Leave your card in the reader.</translation>
    </message>
    <message>
        <source>Taal</source>
        <translation>Language</translation>
    </message>
    <message>
        <source>Nog even geduld</source>
        <translation>One more moment</translation>
    </message>
    <message>
        <source>Het toestel kan uw kaart nog niet lezen. Laat ze in de lezer zitten.</source>
        <translation>The terminal cannot read your card yet. Leave it in the reader.</translation>
    </message>
    <message>
        <source>Lukt het niet? Ga naar {desk}.</source>
        <translation>Still not working? Go to {desk}.</translation>
    </message>
    <message>
        <source>Het antwoord staat op het scherm.</source>
        <translation>The answer is on the screen.</translation>
    </message>
    <message>
        <source>Onze bronnen tonen vandaag geen recht. Een nieuwe beslissing staat er soms nog niet in.</source>
        <translation>Our sources show no entitlement today. A new decision may not be in them yet.</translation>
    </message>
    <message>
        <source>Een medewerker kijkt dit graag met u na.</source>
        <translation>A member of staff will gladly look at this with you.</translation>
    </message>
    <message>
        <source>Niet alle diensten antwoorden nu. Dat ligt niet aan u.</source>
        <translation>Some sources do not answer right now. This is not because of you.</translation>
    </message>
    <message>
        <source>U betaalt minder</source>
        <translation>You pay less</translation>
    </message>
    <message>
        <source>U betaalt niets</source>
        <translation>You pay nothing</translation>
    </message>
    <message>
        <source>U betaalt **{percent}** van de prijs</source>
        <translation>You pay **{percent}** of the price</translation>
    </message>
    <message>
        <source>{pays}, tot&#xa0;en&#xa0;met {until}.</source>
        <translation>{pays}, until {until}.</translation>
    </message>
    <message>
        <source>Haal uw UiTPAS aan {desk}.</source>
        <translation>Get your UiTPAS at {desk}.</translation>
    </message>
    <message>
        <source>Hebt u een recente brief? Ga naar {desk}.</source>
        <translation>Have you got a recent letter? Go to {desk}.</translation>
    </message>
    <message>
        <source>Ga naar {desk}. Neem uw bewijs mee.</source>
        <translation>Go to {desk}. Take your proof with you.</translation>
    </message>
    <message>
        <source>seconden tot dit scherm sluit</source>
        <translation>seconds until this screen closes</translation>
    </message>
    <message>
        <source>Neem uw kaart mee</source>
        <translation>Take your card with you</translation>
    </message>
    <message>
        <source>Dan is het toestel vrij voor de volgende.</source>
        <translation>Then the terminal is free for the next person.</translation>
    </message>
    <message>
        <source>Haal ze uit de lezer en steek ze er opnieuw in, chip boven.</source>
        <translation>Take it out of the reader and put it in again, chip up.</translation>
    </message>
    <message>
        <source>Aan de balie helpen we u graag verder.</source>
        <translation>At the desk we are glad to help you.</translation>
    </message>
    <message>
        <source>We krijgen nu geen antwoord</source>
        <translation>We get no answer now</translation>
    </message>
    <message>
        <source>Dat ligt niet aan u. Probeer het straks nog eens.</source>
        <translation>This is not because of you. Please try again later.</translation>
    </message>
    <message>
        <source>We kunnen uw kaart niet lezen</source>
        <translation>We cannot read your card</translation>
    </message>
    <message>
        <source>Dat lukte niet</source>
        <translation>That did not work</translation>
    </message>
    <message>
        <source>Steek uw kaart opnieuw in de lezer.</source>
        <translation>Put your card in the reader again.</translation>
    </message>
    <message>
        <source>We kunnen uw kaart niet nakijken</source>
        <translation>We cannot check your card</translation>
    </message>
    <message>
        <source>Gebruik een andere kaart</source>
        <translation>Use another card</translation>
    </message>
    <message>
        <source>Het gaat met een identiteitskaart, een Kids-ID of een vreemdelingenkaart.</source>
        <translation>It works with an identity card, a Kids-ID or a foreigner’s card.</translation>
    </message>
    <message>
        <source>Uw kaart ging er te vroeg uit</source>
        <translation>Your card came out too early</translation>
    </message>
    <message>
        <source>Steek ze opnieuw in en laat ze zitten.</source>
        <translation>Put it in again and leave it in.</translation>
    </message>
    <message>
        <source>Uw kaart is vervallen</source>
        <translation>Your card has expired</translation>
    </message>
    <message>
        <source>Draai uw kaart om</source>
        <translation>Turn your card</translation>
    </message>
    <message>
        <source>De chip gaat eerst in de lezer.</source>
        <translation>The chip goes into the reader first.</translation>
    </message>
    <message>
        <source>Uw kaart is niet geactiveerd</source>
        <translation>Your card is not activated</translation>
    </message>
</context>
<context>
    <name>Sources</name>
    <message>
        <source>Rijksregister</source>
        <translation>National Register</translation>
    </message>
    <message>
        <source>Sociale zekerheid</source>
        <translation>Social security</translation>
    </message>
    <message>
        <source>Inkomen</source>
        <translation>Income</translation>
    </message>
    <message>
        <source>OCMW Gent</source>
        <translation>OCMW Ghent</translation>
    </message>
    <message>
        <source>Voertuig</source>
        <translation>Vehicle</translation>
    </message>
    <message>
        <source>Advies</source>
        <translation>Advice</translation>
    </message>
    <message>
        <source>geen antwoord</source>
        <translation>no answer</translation>
    </message>
    <message>
        <source>werkt</source>
        <translation>works</translation>
    </message>
    <message>
        <source>te druk</source>
        <translation>too busy</translation>
    </message>
    <message>
        <source>weigert</source>
        <translation>refuses</translation>
    </message>
    <message>
        <source>niet aangesloten</source>
        <translation>not connected</translation>
    </message>
    <message>
        <source>nog niet nagekeken</source>
        <translation>not checked yet</translation>
    </message>
    <message>
        <source>nog geen dossier</source>
        <translation>no file yet</translation>
    </message>
    <message>
        <source>Centrale dienst</source>
        <translation>Central service</translation>
    </message>
    <message>
        <source>Bronnen</source>
        <translation>Sources</translation>
    </message>
    <message>
        <source>Deze bronnen ontbreken nog</source>
        <translation>These sources are still missing</translation>
    </message>
</context>
<context>
    <name>Staff</name>
    <message>
        <source>Voor personeel</source>
        <translation>For staff</translation>
    </message>
    <message>
        <source>Typ de pincode.</source>
        <translation>Type the PIN.</translation>
    </message>
    <message>
        <source>Die pincode klopt niet.</source>
        <translation>That PIN is not right.</translation>
    </message>
    <message>
        <source>Wacht {left} seconden.</source>
        <translation>Wait {left} seconds.</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>OK</translation>
    </message>
    <message>
        <source>Wissen</source>
        <translation>Clear</translation>
    </message>
    <message>
        <source>Terug</source>
        <translation>Back</translation>
    </message>
</context>
<context>
    <name>Verdict</name>
    <message>
        <source>Geldig tot en met {until}</source>
        <translation>Valid until {until}</translation>
    </message>
    <message>
        <source>Het lagere tarief geldt</source>
        <translation>The lower tariff applies</translation>
    </message>
    <message>
        <source>Betaalt niets</source>
        <translation>Pays nothing</translation>
    </message>
    <message>
        <source>Betaalt {percent} van de prijs</source>
        <translation>Pays {percent} of the price</translation>
    </message>
    <message>
        <source>Gewoon tarief</source>
        <translation>Ordinary tariff</translation>
    </message>
    <message>
        <source>Dit tarief geldt voor wie in Gent of een partnergemeente woont.</source>
        <translation>This tariff is for people who live in Ghent or a partner municipality.</translation>
    </message>
    <message>
        <source>De bronnen tonen vandaag geen recht op kansentarief.</source>
        <translation>The sources show no right to the reduced rate today.</translation>
    </message>
    <message>
        <source>De bronnen tonen vandaag geen recht.</source>
        <translation>The sources show no entitlement today.</translation>
    </message>
    <message>
        <source>Een nieuwe beslissing staat er soms nog niet in.</source>
        <translation>A new decision may not be in them yet.</translation>
    </message>
    <message>
        <source>Er ontbreekt nog een dossier</source>
        <translation>A file is still missing</translation>
    </message>
    <message>
        <source>Eén bron antwoordt nu niet</source>
        <translation>One source does not answer now</translation>
    </message>
    <message>
        <source>Niet alle bronnen antwoorden nu</source>
        <translation>Not all sources answer now</translation>
    </message>
    <message>
        <source>Het recht kan er wel zijn. Dat weten we pas met een antwoord of met een bewijs.</source>
        <translation>The entitlement may well exist. We only know with an answer or with a proof.</translation>
    </message>
    <message>
        <source>U beslist, met een bewijs</source>
        <translation>You decide, with proof</translation>
    </message>
    <message>
        <source>Uw verantwoordelijke beslist</source>
        <translation>Your supervisor decides</translation>
    </message>
    <message>
        <source>De bronnen alleen zijn niet genoeg. Rechts staat wat u vraagt.</source>
        <translation>The sources alone are not enough. What to ask is on the right.</translation>
    </message>
    <message>
        <source>Controle {name}</source>
        <translation>Check {name}</translation>
    </message>
    <message>
        <source>UiTPAS</source>
        <translation>UiTPAS</translation>
    </message>
    <message>
        <source>School en opvang</source>
        <translation>School and childcare</translation>
    </message>
    <message>
        <source>Afvalzakken</source>
        <translation>Waste bags</translation>
    </message>
    <message>
        <source>Lage-emissiezone</source>
        <translation>Low-emission zone</translation>
    </message>
    <message>
        <source>Recht gevonden</source>
        <translation>Entitlement found</translation>
    </message>
    <message>
        <source>Recht op kansentarief</source>
        <translation>Entitled to the reduced rate</translation>
    </message>
    <message>
        <source>Recht op korting</source>
        <translation>Right to a discount</translation>
    </message>
    <message>
        <source>Nog niet zeker</source>
        <translation>Not yet certain</translation>
    </message>
    <message>
        <source>Geen recht gevonden</source>
        <translation>No entitlement found</translation>
    </message>
    <message>
        <source>Groen</source>
        <translation>Green</translation>
    </message>
    <message>
        <source>Oranje</source>
        <translation>Orange</translation>
    </message>
    <message>
        <source>Rood</source>
        <translation>Red</translation>
    </message>
</context>
</TS>
