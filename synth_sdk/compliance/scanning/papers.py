"""What stands on papers and has no check of its own: only the words before it tell what it is. So these are warnings, never errors."""

import re

from synth_sdk.compliance.masking.keys import Key
from synth_sdk.compliance.scanning.shapes import AFTER, NEAR_VALUE, TO_VALUE, WORD, Detector, digits_of, refilled, value_of

_CODE = r"(?P<hit>(?=[A-Z0-9-]*[0-9]{3})[A-Z]{0,3}-?[0-9][A-Z0-9]{3,11}(?:-[0-9]{2,6})?)"
_MONTHS = (
    "january february march april may june july august september october november december "
    "januar februar märz mai juni juli oktober dezember enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre "
    "janvier février mars avril juin juillet août septembre octobre novembre décembre gennaio febbraio aprile maggio giugno luglio settembre ottobre "
    "dicembre jan feb mar apr jun jul aug sep sept oct nov dec"
)
_MONTH = rf"(?i:{'|'.join(sorted(set(_MONTHS.split()), key=len, reverse=True))})\.?"
_YEAR = "(?:19[0-9]{2}|20[0-2][0-9])"
_DATE = (
    rf"{_YEAR}[-/.][01]?[0-9][-/.][0-3]?[0-9]|[0-3]?[0-9][-/.][0-3]?[0-9][-/.]{_YEAR}"
    rf"|[0-3]?[0-9](?:st|nd|rd|th|\.)?(?: of| de)? {_MONTH},?(?: de)? {_YEAR}|{_MONTH} [0-3]?[0-9](?:st|nd|rd|th)?,? {_YEAR}"
)
_BORN = (
    r"(?:date of birth|birth ?date|birthday|d\.?o\.?b\.?|born|geboren|geburtsdatum|geburtstag|n[ée]e? le|date de naissance|naci[óo] el|nacid[oa] el|"
    r"fecha de nacimiento|nat[oa] il|data di nascita)"
)


def _was_given(match: re.Match[str]) -> bool:
    """Numbers that begin with three noughts are ours."""
    digits = digits_of(value_of(match))
    return not digits.startswith("000") and len(set(digits)) > 1


def _fake_code(text: str, key: Key) -> str:
    digits = digits_of(text)
    rest = key.digits(len(digits) - 3, "paper", text) if len(digits) > 3 else ""
    return re.sub("[A-Z]", "X", refilled(text, "000"[: len(digits)] + rest))


def _is_birth(match: re.Match[str]) -> bool:
    """A first of January is what remains of a date when its year is told alone."""
    return _first_of_january(value_of(match)) != value_of(match)


def _fake_birth(text: str, key: Key) -> str:
    return _first_of_january(text)


def _first_of_january(date: str) -> str:
    """The same year, written the same way."""
    kept = re.search(_YEAR, date)
    head, year, tail = (date[: kept.start()], kept[0], date[kept.end() :]) if kept else (date, "", "")

    def plain(part: str) -> str:
        part = re.sub(_MONTH, lambda month: "January" if month[0][0].isupper() else "january", part)
        return re.sub(
            r"[0-9]+(?:st|nd|rd|th)?",
            lambda number: "1".zfill(len(digits_of(number[0]))) + ("st" if number[0][-1].isalpha() else ""),
            part,
        )

    return plain(head) + year + plain(tail)


def _paper(name: str, what: str, label: str) -> Detector:
    shape = rf"{WORD}(?i:{label}){NEAR_VALUE}[A-Z]{{0,3}}-?[0-9][A-Z0-9]{{3}}"
    return Detector(name, what, "warning", "words", shape, rf"\b(?i:{label}){TO_VALUE}{_CODE}{AFTER}", _was_given, _fake_code)


PAPERS = (
    _paper(
        "medical_record",
        "a medical record number",
        r"mrn|medical.?record(?:.?(?:number|no|num|id))?|patient.?(?:id|number|no|identifier)|health.?record.?(?:number|id)|chart.?(?:number|no)",
    ),
    _paper(
        "passport",
        "a passport number",
        r"passport(?:.?(?:number|no|num|id))?|reisepass(?:nummer)?|passeport|pasaporte|passaporto",
    ),
    _paper(
        "licence",
        "a driving licence number",
        r"driv(?:er.?s?|ing).{0,3}licen[cs]e(?:.?(?:number|no|num|id))?|licen[cs]e.?(?:number|no|num)|dl.?(?:number|no)|f[üu]hrerschein(?:nummer)?|permis de conduire|patente di guida",
    ),
    Detector(
        "birth_date",
        "a date of birth",
        "warning",
        "words",
        rf"{WORD}(?i:{_BORN})[\s:(,a-z]{{1,12}}(?:[0-9]|{_MONTH} [0-9])",
        rf"\b(?i:{_BORN}(?: is| was|:| on| am| le| el| il| in)?){{1,2}}[\s:(,]{{1,3}}(?:(?i:on|the|den|am|le|el|il) )?(?P<hit>{_DATE})(?![0-9])",
        _is_birth,
        _fake_birth,
        prose=True,
    ),
)
