"""What a property's name gives away: its words, whether it identifies a thing, and whether it holds personal or secret data.

Rules cited: PCI DSS v4.0.1 (requirement numbers), GDPR (articles), HIPAA Privacy Rule (45 CFR 164.514(b)(2), the eighteen identifiers).
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_PIECES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_IDENTIFIERS = frozenset(
    ["id", "uuid", "guid", "key", "sku", "ean", "isbn", "serial", "code", "number", "no", "reference", "ref"]
)
_KEYS = frozenset(["id", "uuid", "guid"])


@lru_cache(maxsize=20_000)
def snake(name: str) -> str:
    """`createdAt`, `created-at` and `Created At` as `created_at`."""
    return "_".join(piece.lower() for piece in _PIECES.findall(name))


def last_word(name: str) -> str:
    return snake(name).rsplit("_", 1)[-1]


def is_key(name: str) -> bool:
    """Does the name say that it tells one record from all others? `id`, `uuid`; not `customer_id`, which tells customers apart."""
    return snake(name) in _KEYS


def is_identifier(name: str) -> bool:
    """Does the name say that its values are labels, not amounts?"""
    return last_word(name) in _IDENTIFIERS


@dataclass(frozen=True, slots=True)
class Risk:
    """Why data of one sort is risky. `flagged`: worth telling the author of a schema; the rest is common, but never copied from data."""

    what: str
    why: str
    names: tuple[str, ...]
    flagged: bool = True


def _risk(what: str, why: str, names: str, flagged: bool = True) -> Risk:
    return Risk(what, why, tuple(names.split()), flagged)


_RISKS = (
    _risk(
        "card verification code",
        "PCI DSS 3.3.1.2: it must not be stored after authorisation, not even encrypted; leave it out",
        "cvv cvc cvv2 cvc2 cid_code card_verification card_security_code security_code card_code",
    ),
    _risk(
        "card PIN",
        "PCI DSS 3.3.1.3: a PIN or PIN block must not be stored after authorisation; leave it out",
        "pin_block card_pin atm_pin pin_number debit_pin",
    ),
    _risk(
        "magnetic stripe or chip data",
        "PCI DSS 3.3.1.1: full track data must not be stored after authorisation; leave it out",
        "track_data track1 track2 magstripe magnetic_stripe track_1 track_2",
    ),
    _risk(
        "card number",
        "PCI DSS 3.5.1: a primary account number must be unreadable wherever it is stored; use test numbers or a token",
        "card_number cardnumber credit_card cc_number card_no pan primary_account_number debit_card creditcard",
    ),
    _risk(
        "government identifier",
        "it identifies a person for life (HIPAA identifier; national rules under GDPR Art. 87); keep it out or use a range never issued",
        "ssn social_security social_security_number sin_number national_id nationalid national_insurance nino tax_id taxpayer_id tin passport "
        "passport_number passport_no driver_license drivers_license driving_licence license_number aadhaar nhs_number personal_number",
    ),
    _risk(
        "health data",
        "a special category under GDPR Art. 9 and protected health information under HIPAA; keep only what the test needs",
        "diagnosis diagnoses icd icd10 icd_code medication medications prescription blood_type allergy allergies medical_record "
        "medical_record_number mrn patient_id disease symptoms treatment health_condition disability insurance_member_id health_plan",
    ),
    _risk(
        "special category of personal data",
        "GDPR Art. 9: processing is forbidden unless an exception applies; drop the field unless the test is about it",
        "religion ethnicity race sexual_orientation political_party political_opinion trade_union union_membership fingerprint_template biometric "
        "biometric_id face_id genetic dna",
    ),
    _risk(
        "date of birth",
        "with a postcode and gender it singles most people out (HIPAA allows the year alone); store an age or a year if that will do",
        "date_of_birth dob birth_date birthdate birthday born birth_day",
    ),
    _risk(
        "bank account",
        "money can be moved with it, and it identifies its holder (HIPAA identifier); use a token or numbers never issued",
        "iban account_number bank_account routing_number sort_code bank_account_number swift_account",
    ),
    _risk(
        "secret",
        "a credential in a data set is a credential leaked; store a salted hash, or leave it out",
        "password passwd secret api_key apikey access_token refresh_token private_key client_secret pin security_answer auth_token otp token session_token bearer_token id_token session_id",
    ),
    _risk(
        "contact or name",
        "it identifies a person (GDPR Art. 4(1))",
        "name first_name last_name full_name given_name family_name middle_name maiden_name surname forename fname lname username user_name nickname "
        "customer_name patient_name contact_name employee_name author owner recipient sender holder cardholder email e_mail mail phone telephone mobile "
        "fax address street street_address address_line1 address_line2 line1 line2 ip ip_address device_id mac_address imei license_plate vin "
        "salary income comment comments note notes message bio",
        flagged=False,
    ),
)  # fmt: skip
_EXACT = frozenset(
    {
        "name",
        "pin",
        "sender",
        "owner",
        "author",
        "ip",
        "mail",
        "race",
        "pan",
        "born",
        "note",
        "message",
        "mobile",
        "address",
        "token",
    }
)


@lru_cache(maxsize=4096)
def risk_of(name: str) -> Risk | None:
    """The sort of personal or secret data that a property of this name holds, the gravest first; None if none is apparent."""
    plain = snake(name)
    return next((risk for risk in _RISKS if any(_speaks_of(plain, word) for word in risk.names)), None)


def _speaks_of(plain: str, word: str) -> bool:
    """Short words mean something else within longer names (`plan_name`, `owner_type`): those have to stand alone or end the name of a person's thing."""
    if word in _EXACT:
        return plain == word
    return f"_{word}_" in f"_{plain}_"
