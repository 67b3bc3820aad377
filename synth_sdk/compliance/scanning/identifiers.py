"""Numbers that states and banks give out: SSN, a chosen set of national identifiers, IBAN. Check rules by python-stdnum."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from synth_sdk.compliance.masking.keys import Key
from synth_sdk.compliance.scanning.shapes import (
    AFTER,
    APART,
    BEFORE,
    GAP,
    NEAR_VALUE,
    TO_VALUE,
    WORD,
    Detector,
    digits_of,
    refilled,
    value_of,
)

_TRIES = 64
_SSN_LABEL = r"(?:ssn|social.?security(?:.?(?:number|no|num|#))?)"
# Printed in advertisements and on sample cards, and voided by the Social Security Administration.
_VOID_SSNS = frozenset(["078051120", "219099999", "457555462", "123456789", "987654321"])


def is_ssn(digits: str) -> bool:
    """Could it have been issued? No area 000, 666 or above 899, no group 00, no serial 0000 (SSA, POMS RM 10201.035)."""
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    plausible = area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"
    return plausible and digits not in _VOID_SSNS and len(set(digits)) > 1


def fake_ssn(text: str, key: Key) -> str:
    """Of the area 000, which is never issued."""
    return refilled(text, "000" + key.digits(6, "ssn", digits_of(text)))


@dataclass(frozen=True, slots=True)
class National:
    """One country's identifier: `module` of python-stdnum judges it. Where digits alone would fit too much, a `label` must stand before it."""

    module: str
    what: str
    pattern: str
    label: str = ""


_ANY = f"{GAP}?"
NATIONALS = (
    National("fr.nir", "a French social security number", rf"[12]{_ANY}[0-9]{{2}}{_ANY}[0-9]{{2}}{_ANY}[0-9][0-9AB]{_ANY}[0-9]{{3}}{_ANY}[0-9]{{3}}{_ANY}[0-9]{{2}}"),
    National("it.codicefiscale", "an Italian tax code", r"[A-Z]{6}[0-9]{2}[A-EHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z]"),
    National("es.dni", "a Spanish identity number", r"[0-9]{8}-?[A-HJ-NP-TV-Z]"),
    National("es.nie", "a Spanish foreigner's number", r"[XYZ]-?[0-9]{7}-?[A-HJ-NP-TV-Z]"),
    National("fi.hetu", "a Finnish personal identity code", r"[0-3][0-9][01][0-9]{3}[-+A-F][0-9]{3}[0-9A-Y]"),
    National("ch.ssn", "a Swiss AHV number", r"756\.[0-9]{4}\.[0-9]{4}\.[0-9]{2}"),
    National("br.cpf", "a Brazilian CPF", r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}"),
    National("kr.rrn", "a Korean resident registration number", r"[0-9]{6}-[1-8][0-9]{6}"),
    National("mx.curp", "a Mexican CURP", r"[A-Z]{4}[0-9]{6}[HMX][A-Z]{5}[0-9A-Z][0-9]"),
    National("cn.ric", "a Chinese resident identity number", r"[1-6][0-9]{5}(?:19|20)[0-9]{9}[0-9X]"),
    National("ca.sin", "a Canadian social insurance number", r"[1-79][0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{3}", r"(?:sin|social.?insurance(?:.?number)?)"),
    National("gb.nhs", "a British NHS number", r"[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}", r"(?:nhs(?:.?(?:number|no))?)"),
    National("de.idnr", "a German tax identifier", r"[1-9][0-9](?:[ ]?[0-9]{3}){3}", r"(?:steuer.?id\w*|steuerliche\w* ident\w*|idnr|tax.?id)"),
    National("nl.bsn", "a Dutch BSN", r"[0-9]{4}[. ]?[0-9]{2}[. ]?[0-9]{3}", r"(?:bsn|burgerservicenummer)"),
    National("be.nn", "a Belgian national number", r"[0-9]{2}\.?[0-9]{2}\.?[0-9]{2}[- ]?[0-9]{3}\.?[0-9]{2}", r"(?:rijksregister\w*|registre national|num[ée]ro national|nn|insz|niss)"),
    National("pl.pesel", "a Polish PESEL", r"[0-9]{11}", r"(?:pesel)"),
    National("se.personnummer", "a Swedish personal number", r"(?:19|20)?[0-9]{6}[-+]?[0-9]{4}", r"(?:personnummer|pnr)"),
    National("dk.cpr", "a Danish CPR number", r"[0-3][0-9][01][0-9]{3}-?[0-9]{4}", r"(?:cpr(?:.?(?:nr|nummer|number))?|personnummer)"),
    National("no.fodselsnummer", "a Norwegian national number", r"[0-9]{6}[ ]?[0-9]{5}", r"(?:f[øo]dselsnummer|personnummer)"),
    National("pt.nif", "a Portuguese NIF", r"[1-3][0-9]{2}[ ]?[0-9]{3}[ ]?[0-9]{3}", r"(?:nif|contribuinte)"),
    National("in_.aadhaar", "an Indian Aadhaar number", r"[2-9][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}", r"(?:aadhaar|aadhar|uid)"),
    National("au.tfn", "an Australian tax file number", r"[0-9]{3}[ ]?[0-9]{3}[ ]?[0-9]{2,3}", r"(?:tfn|tax.?file.?number)"),
    National("ie.pps", "an Irish PPS number", r"[0-9]{7}[A-W][A-IW]?", r"(?:pps[n]?(?:.?(?:number|no))?)"),
    National("us.itin", "a US individual taxpayer number", r"9[0-9]{2}[- ]?[0-9]{2}[- ]?[0-9]{4}", r"(?:itin|taxpayer.?id\w*)"),
)  # fmt: skip


def _nationals() -> str:
    """One pattern for all, each in a group of its own, so that a hit tells which it is."""
    free = "|".join(f"(?P<n{place}>{one.pattern})" for place, one in enumerate(NATIONALS) if not one.label)
    bound = "|".join(f"{one.label}{TO_VALUE}(?P<n{place}>{one.pattern})" for place, one in enumerate(NATIONALS) if one.label)
    return rf"(?:{BEFORE}(?:{free})|\b(?i:{bound})){AFTER}"


def _national_shape() -> str:
    free = "|".join(one.pattern for one in NATIONALS if not one.label)
    labels = "|".join(one.label for one in NATIONALS if one.label)
    return rf"{APART}(?:{free})|{WORD}(?i:{labels}){NEAR_VALUE}[0-9]{{2}}"


@cache
def _judge(module: str) -> Callable[[str], bool]:
    judge: Callable[[str], bool] = import_module(f"stdnum.{module}").is_valid
    return judge


def national_of(match: re.Match[str]) -> National:
    """Which identifier a match is taken for."""
    return NATIONALS[int((match.lastgroup or "")[1:])]


def _is_national(match: re.Match[str]) -> bool:
    one = national_of(match)
    text = value_of(match)
    digits = digits_of(text)
    return (
        len(set(digits)) > 2
        and not digits.startswith("000")
        and _judge(one.module)(re.sub(GAP, "", text) if one.module == "fr.nir" else text)
    )


def _fake_national(text: str, key: Key) -> str:
    """Noughts first, the rest drawn until no judge of the set accepts it: nobody has it."""
    digits = digits_of(text)
    for turn in range(_TRIES):
        made = refilled(text, "000" + key.digits(len(digits) - 3, f"national {turn}", text))
        if not any(_judge(one.module)(made) for one in NATIONALS):
            return made
    return refilled(text, "0" * len(digits))


def _is_iban(match: re.Match[str]) -> bool:
    text = re.sub(GAP, "", value_of(match))
    if not "02" <= text[2:4] <= "98":  # modulo 97 they could pass for others
        return False
    return text not in _SAMPLE_IBANS and len(set(text[4:])) > 2 and _judge("iban")(text)


def fake_iban(text: str, key: Key) -> str:
    """Check digits 00, which no account has (ISO 13616: 02 to 98); country and shape stay."""
    places = [place for place, character in enumerate(text) if character.isdigit()][2:]
    drawn = key.digits(len(places), "iban", text)
    made = list(text)
    made[2:4] = "00"
    for place, digit in zip(places, drawn, strict=True):
        made[place] = digit
    return "".join(made)


# Of the IBAN registry and of banks' own pages: samples that no account has.
_SAMPLES = (
    "GB29NWBK60161331926819 GB82WEST12345698765432 GB33BUKB20201555555555 GB94BARC10201530093459 DE89370400440532013000 DE91100000000123456789 "
    "FR1420041010050500013M02606 FR7630006000011234567890189 ES9121000418450200051332 ES7921000813610123456789 IT60X0542811101000000123456 "
    "NL91ABNA0417164300 NL02ABNA0123456789 BE68539007547034 BE71096123456769 CH9300762011623852957 AT611904300234573201 PT50000201231234567890154 "
    "IE29AIBK93115212345678 IE64IRCE92050112345678 SE4550000000058398257466 NO9386011117947 DK5000400440116243 FI2112345600000785 "
    "PL61109010140000071219812874 CZ6508000000192000145399 LU280019400644750000"
)
_SAMPLE_IBANS = frozenset(_SAMPLES.split())

IDENTIFIERS = (
    Detector(
        "iban",
        "a bank account (IBAN)",
        "error",
        "codes",
        rf"{APART}[A-Z]{{2}}[0-9]{{2}}{GAP}?[A-Z0-9]{{4}}{GAP}?[A-Z0-9]{{4}}{GAP}?[A-Z0-9]{{3}}",
        rf"{BEFORE}(?P<hit>[A-Z]{{2}}[0-9]{{2}}(?:[A-Z0-9]{{11,30}}|(?P<gap>{GAP})[A-Z0-9]{{4}}(?:(?P=gap)[A-Z0-9]{{4}}){{1,6}}(?:(?P=gap)[A-Z0-9]{{1,4}})?)){AFTER}",
        _is_iban,
        fake_iban,
    ),
    Detector(
        "ssn",
        "a US social security number",
        "error",
        "numbers",
        rf"{APART}[0-9]{{3}}{GAP}[0-9]{{2}}{GAP}[0-9]{{4}}|{WORD}(?i:{_SSN_LABEL}){NEAR_VALUE}[0-9]{{9}}",
        rf"{BEFORE}(?P<hit>[0-9]{{3}}(?P<gap>{GAP})[0-9]{{2}}(?P=gap)[0-9]{{4}}){AFTER}|\b(?i:{_SSN_LABEL}){TO_VALUE}(?P<bare>[0-9]{{9}}){AFTER}",
        lambda match: is_ssn(digits_of(value_of(match))),
        fake_ssn,
    ),
    Detector(
        "national_id",
        "a national identifier",
        "error",
        "words",
        _national_shape(),
        _nationals(),
        _is_national,
        _fake_national,
    ),
)
