"""The country of a locale, and what is particular to it."""

from functools import lru_cache

IBAN_DIGITS = {  # countries whose account numbers are digits only, and how many; from SWIFT's IBAN registry
    "AT": 16, "BE": 12, "CH": 17, "CZ": 20, "DE": 18, "DK": 14, "ES": 20, "FI": 14, "HU": 24, "NO": 11, "PL": 24, "PT": 21, "SE": 20,
}  # fmt: skip
FAMILY_NAME_FIRST = {"ja_JP": " ", "zh_CN": "", "zh_TW": "", "ko_KR": "", "hu_HU": " ", "vi_VN": " "}  # and what stands between
_USUAL_NAMES = {"US": "United States", "GB": "United Kingdom", "RU": "Russia", "KR": "South Korea"}


@lru_cache(maxsize=128)
def country_code(locale: str) -> str:
    """ISO 3166-1 code of the locale's country; US for a locale without one."""
    parts = locale.split("_")
    return parts[1] if len(parts) > 1 and len(parts[1]) == 2 else "US"


@lru_cache(maxsize=128)
def country_name(code: str) -> str:
    """The usual English name of the country with that ISO 3166-1 code."""
    from faker.providers.date_time import Provider

    names = {country.alpha_2_code: country.name for country in Provider.countries}
    return _USUAL_NAMES.get(code) or names.get(code, code)


def iban_country(locale: str) -> str:
    """The locale's country, or Germany where account numbers hold letters."""
    code = country_code(locale)
    return code if code in IBAN_DIGITS else "DE"
