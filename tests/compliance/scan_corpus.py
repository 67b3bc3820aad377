"""A labelled corpus of texts: real-looking values in many formats and sentences, and look-alikes that nobody could have been given.

Every case is (detector or None, text, the value). Numbers are drawn with a seed and made to pass their checks here, by code of its own.
"""

import random
import string

import phonenumbers

SENTENCES = {
    "en": (
        "Please use {} from now on.",
        "I already gave you {}, didn't I?",
        "Here it is: {}",
        "{}",
        "Customer wrote: '{}' and left.",
        "({})",
    ),
    "de": ("Bitte nehmen Sie {} dafür.", "Meine Angabe lautet {}.", "Hier: {}, danke!"),
    "fr": ("Voici {} pour le dossier.", "Utilisez {} s'il vous plaît.", "C'est {}."),
    "es": ("Aquí tiene: {}.", "Use {} por favor.", "Le paso {} ahora mismo"),
    "it": ("Ecco {} per la pratica.", "Usi pure {}, grazie."),
}
ALL = [sentence for group in SENTENCES.values() for sentence in group]
DICE = random.Random(20250101)


def luhn_digit(payload):
    total = 0
    for place, digit in enumerate(reversed(payload)):
        number = int(digit) * (2 if place % 2 == 0 else 1)
        total += number // 10 + number % 10
    return str((10 - total % 10) % 10)


def digits(count, first=string.digits):
    return DICE.choice(first) + "".join(DICE.choice(string.digits) for _ in range(count - 1))


def card(prefix, length=16):
    payload = prefix + digits(length - len(prefix) - 1)
    return payload + luhn_digit(payload)


def in_fours(number, mark):
    return mark.join(number[place : place + 4] for place in range(0, len(number), 4))


def iban(country, account):
    moved = account + country + "00"
    rest = int("".join(str(int(letter, 36)) for letter in moved)) % 97
    return f"{country}{98 - rest:02d}{account}"


def _said(detector, values, sentences=ALL):
    return [(detector, DICE.choice(sentences).format(value), value) for value in values]


def cards():
    prefixes = ("4539", "4716", "4485", "5312", "5412", "2345", "6011", "6512", "3530", "6223")
    plain = [card(prefix) for prefix in prefixes for _ in range(2)]
    plain += [card(prefix, 15) for prefix in ("3742", "3431", "3792")] + [
        card("3612", 14),
        card("3823", 14),
        card("4929", 19),
    ]
    spaced = [in_fours(card(prefix), mark) for prefix in prefixes for mark in (" ", "-", "\u00a0", "\u2011")]
    amex = [f"{one[:4]} {one[4:10]} {one[10:]}" for one in (card("3714", 15), card("3498", 15))]
    return _said("pan", plain + spaced + amex) + _cards_called_so()


def _cards_called_so():
    """Of twelve and thirteen digits, and of networks that are gone: found where they are called cards."""
    numbers = [card(prefix, 12) for prefix in ("5018", "5612", "5893", "6304", "6759", "6763")] + [
        card("4539", 13),
        card("4716", 13),
    ]
    numbers += [
        card("5044", 16),
        card("6706", 18),
        card("5711", 14),
        card("1800", 15),
        card("3501", 16),
        in_fours(card("6304", 12), " "),
    ]
    said = (
        "my card is {}",
        "Please charge credit card {}.",
        "Maestro {} bitte",
        "card_number: {}",
        '{{"cardNumber": "{}"}}',
        "Kreditkarte Nr. {}",
        "tarjeta {}",
        "VISA {}",
    )
    return [("pan", said[place % len(said)].format(number), number) for place, number in enumerate(numbers)]


def codes():
    forms = (
        "CVV {}",
        "cvv: {}",
        "CVC2 is {}",
        "the security code is {}",
        "card verification value: {}",
        "CVV2={}",
        '{{"cvv": "{}"}}',
        "Card security code: {}",
    )
    return [("cvv", form.format(code), code) for form in forms for code in (digits(3, "123456789"), digits(4, "123456789"))]


def tracks():
    one = [f"%B{card('4539')}^MILLER/ANNA^27081011234567890?" for _ in range(4)]
    two = [f";{card('5412')}=27081011234567890?" for _ in range(4)]
    return _said("track", one + two, SENTENCES["en"])


def ssns():
    made = []
    for form in ("{}-{}-{}", "{} {} {}", "{}\u2011{}\u2011{}"):
        for _ in range(8):
            area = DICE.choice(["212", "536", "401", "078", "587", "765", "219", "899", "001"])
            made.append(form.format(area, f"{DICE.randrange(1, 100):02d}", f"{DICE.randrange(1, 10_000):04d}"))
    bare = [("ssn", f"SSN: {number}", number) for number in ("536224193", "212097694", "401772365")]
    bare += [("ssn", f"my social security number is {number}", number) for number in ("587141236", "765121999")]
    return _said("ssn", made) + bare


def ibans():
    accounts = {
        "DE": lambda: digits(18), "GB": lambda: "BARC" + digits(14), "FR": lambda: digits(10) + digits(11) + digits(2), "ES": lambda: digits(20), "NL": lambda: "RABO" + digits(10),
        "IT": lambda: "K" + digits(10) + digits(12), "AT": lambda: digits(16), "CH": lambda: digits(17), "BE": lambda: digits(12), "PL": lambda: digits(24),
    }  # fmt: skip
    from stdnum import iban as judge

    made = []
    for country, account in accounts.items():
        found = 0
        while found < 3:
            value = iban(country, account())
            if judge.is_valid(value):
                made.append(value if found == 0 else in_fours(value, " " if found == 1 else "-"))
                found += 1
    return _said("iban", made)


def national():
    from stdnum.br import cpf
    from stdnum.ch import ssn as ahv
    from stdnum.es import dni
    from stdnum.fr import nir
    from stdnum.gb import nhs
    from stdnum.kr import rrn
    from stdnum.nl import bsn
    from stdnum.pl import pesel

    def until(judge, make):
        return next(value for value in iter(make, None) if judge.is_valid(value))

    free = [until(dni, lambda: digits(8) + DICE.choice("TRWAGMYFPDXBNJZSQVHLCKE")) for _ in range(4)]
    free += [until(cpf, lambda: f"{digits(3)}.{digits(3)}.{digits(3)}-{digits(2)}") for _ in range(3)]
    free += [
        until(nir, lambda: f"{DICE.choice('12')}85{DICE.randrange(1, 13):02d}75{digits(3)}{digits(3)}{digits(2)}")
        for _ in range(3)
    ]
    free += [until(rrn, lambda: f"85{DICE.randrange(1, 13):02d}{DICE.randrange(10, 29)}-1{digits(6, '012')}") for _ in range(2)]
    free += [until(ahv, lambda: f"756.{digits(4)}.{digits(4)}.{digits(2)}") for _ in range(2)]
    free += ["RSSMRA85T10A562S"]
    bound = [
        ("BSN {}", until(bsn, lambda: digits(9, "123456789"))),
        ("Burgerservicenummer: {}", until(bsn, lambda: digits(9, "123456789"))),
    ]
    bound += [
        ("NHS number {}", until(nhs, lambda: digits(10, "456789"))),
        ("PESEL: {}", until(pesel, lambda: f"85{DICE.randrange(1, 13):02d}{DICE.randrange(10, 29)}{digits(5)}")),
    ]
    return _said("national_id", free) + [("national_id", form.format(value), value) for form, value in bound]


def emails():
    names = ("anna.miller", "j_smith77", "obrien", "marie-claire", "x+news", "s.garcia", "info", "t.rossi")
    hosts = (
        "gmail.com",
        "web.de",
        "orange.fr",
        "acme-corp.io",
        "mail.company.co.uk",
        "correo.es",
        "libero.it",
        "students.uni-bonn.de",
    )
    return _said(
        "email",
        [f"{name}@{host}" for name, host in zip(names, hosts, strict=True)]
        + [f"{name.upper()}@{host}" for name, host in zip(names, reversed(hosts), strict=True)],
    )


def _phone_like(base):
    """Another valid number of the same country and kind."""
    while True:
        number = phonenumbers.parse(f"+{base.country_code}{str(base.national_number)[:-4]}{digits(4, '123456789')}")
        if phonenumbers.is_valid_number(number):
            return number


def phones():
    made = []
    form = phonenumbers.PhoneNumberFormat
    for region in ("GB", "DE", "FR", "ES", "IT", "NL", "SE", "PL", "BR", "IN", "JP", "CH"):
        base = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
        number = _phone_like(base)
        made += [phonenumbers.format_number(number, form.INTERNATIONAL), phonenumbers.format_number(number, form.E164)]
    for area in ("212", "415", "312", "617", "713", "206"):
        rest = f"{DICE.randrange(220, 540)}", f"{DICE.randrange(1000, 9999)}"
        made += [
            f"({area}) {rest[0]}-{rest[1]}",
            f"{area}-{rest[0]}-{rest[1]}",
            f"+1 {area} {rest[0]} {rest[1]}",
            f"{area}.{rest[0]}.{rest[1]}",
            f"1-{area}-{rest[0]}-{rest[1]}",
        ]
    bound = [
        "Telefon: 030 90182034",
        "Tel. 089/54321098",
        "téléphone 01 42 68 53 17",
        "teléfono: 912 345 678",
        "call me at 020 7183 8751",
        "phone: 2125347788",
        "Mobile 0151 23456780",
        "cellulare: 347 123 4568",
    ]
    made += ["(212)534-7788", "020 7183 8751", "03 83 40 11 40", "07911 123 457", "(0161) 496 1234"]
    extended = [("phone", "desk 617-253-1000x6089", "617-253-1000"), ("phone", "617-253-1001 ext. 12", "617-253-1001")]
    return _said("phone", made) + extended + [("phone", text, text.lstrip(string.ascii_letters + "éè.: ")) for text in bound]


def addresses():
    four = [
        "54.23.11.9",
        "81.169.145.70",
        "212.58.244.22",
        "198.41.0.4",
        "5.9.12.201",
        "203.8.25.17",
        "172.217.4.4",
        "104.16.99.52",
    ]
    six = ["2a00:1450:4001:81b::200e", "2606:4700:20::681a:be5", "2001:4860:4802:32::a"]
    return _said("ip", four + six) + [("ip", f"client={one} denied", one) for one in four]


def devices():
    return _said(
        "mac",
        [
            "00:1B:44:11:3A:B7",
            "3c:22:fb:45:9a:0e",
            "F4-5C-89-AB-12-7E",
            "a4:83:e7:2f:91:d0",
            "00-50-56-C0-00-08",
            "d8:bb:2c:77:10:3f",
        ],
    )


def papers():
    record = [
        "MRN: 48213377",
        "MRN# 7741902",
        "medical record number 55120934",
        "Patient ID: PT-448291",
        "medical record no. A1298345",
    ]
    passport = [
        "passport number X1234571",
        "Passport No. 533401289",
        "Reisepassnummer C4471283T",
        "passeport 14AV82397",
        "my passport is 483920117",
    ]
    licence = [
        "driver's license D4471289",
        "driving licence number 75311698",
        "Driver License No: S5304471",
        "licence number 4471289B",
        "Führerscheinnummer 0723384155",
    ]

    def value(text):
        return next(word.strip(":.,") for word in reversed(text.split()) if any(map(str.isdigit, word)))

    return [
        (name, text, value(text))
        for name, texts in (("medical_record", record), ("passport", passport), ("licence", licence))
        for text in texts
    ]


def births():
    said = [
        ("born on {}", "12 March 1984"), ("date of birth: {}", "1984-03-12"), ("DOB {}", "03/12/1984"), ("I was born {}", "March 12, 1984"), ("her birthday is {}", "7 June 1990"),
        ("geboren am {}", "12.03.1984"), ("Geburtsdatum: {}", "24.12.1971"), ("née le {}", "3 juin 1968"), ("fecha de nacimiento: {}", "15/08/1979"), ("nato il {}", "2 maggio 1955"),
        ("data di nascita {}", "14/11/1982"), ("born on {}", "the 4th of July 1976"), ("D.O.B.: {}", "1990-11-30"),
    ]  # fmt: skip
    return [("birth_date", form.format(value), value.removeprefix("the ")) for form, value in said]


def urls():
    return _said(
        "url",
        [
            "https://www.google.com/maps?q=1",
            "http://intranet.acme-corp.io/a",
            "https://user@files.company.de/x.pdf",
            "https://bit.ly/3xYz",
        ],
        SENTENCES["en"][:4],
    )


def violating():
    return [
        case
        for group in (cards, codes, tracks, ssns, ibans, national, emails, phones, addresses, devices, papers, births, urls)
        for case in group()
    ]


def clean():
    """Look-alikes: (what they resemble, text)."""
    hexes = ["".join(DICE.choice("0123456789abcdef") for _ in range(size)) for size in (32, 40, 64, 12, 24)]
    uuids = [
        "-".join("".join(DICE.choice("0123456789abcdef") for _ in range(size)) for size in (8, 4, 4, 4, 12)) for _ in range(12)
    ]
    texts = {
        "pan": [
            "Order number 4539148803436467", "4722926219309", "EAN 4006381333931", "5018374350119", "tracking id 9400110200881234567890", "test card 4111 1111 1111 1111", "use 5555-5555-5555-4444 for tests", "4242 4242 4242 4242", "378282246310005",
            f"invoice {card('4539')}", "failing: 4539 1488 0343 6468", f"Here it is: {card('5018', 12)}", f"my SIM card {card('5612', 12)}", f"library card {card('6304', 12)}", f"ID card {card('4539', 13)}", f"discarded {card('6759', 12)}",
            f"card failing {card('5018', 12)[:-1]}", f"the scorecard says {card('5711', 14)}", f"parcel {card('5893', 12)} for Visa holders", f"card for order no. {card('6763', 12)}", f"wildcard {card('4716', 13)}", f"{card('1800', 15)} ms", "card 4222222222222", "card ending in 6467", "**** **** **** 6467", "411111******1111", "1234 5678 9012 3456", "timestamp 1735689600123", "4000 0566 5566 5556",
            "IMEI 356938035643809", "isbn 9783161484100", "ISBN 978-3-16-148410-0", "0000 0000 0000 0000", "5105105105105100", "6011111111111117", *(f"ref: {digits(16, '4')[:-1]}" for _ in range(4)),
        ],
        "ssn": ["000-12-3456", "666-12-3456", "912-34-5678", "123-00-4567", "123-45-0000", "078-05-1120", "219-09-9999", "987-65-4321", "SSN: 123456789", "zip 12345-6789", "part 12-345-6789", "2024-01-2345", "123-456-789", "***-**-6789"],
        "iban": ["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "DE00 5121 0800 1245 1261 99", "FR14 2004 1010 0505 0001 3M02 606", "AB12CDEF34567890", "TX99 ABCD EFGH 1234"],
        "national_id": ["DNI 12345678A", "123.456.789-00", "RSSMRA85T10A562X", "850101-1234567", "756.1234.5678.90", "12345678A", "BSN 123456789", "PESEL 12345678901"],
        "email": ["mail me at anna@example.com", "support@example.org", "a.b@shop.example", "user@localhost", "bob@mail.test", "x@corp.invalid", "logo@2x.png", "react@18.2.0", "@angular/core", "git@github.com:acme/repo.git", "10 @ 3.50", "someone@printer.local"],
        "phone": [
            "(202) 555-0147", "+1-386-555-0142", "212-555-0100", "+44 20 7946 0123", "+44 7700 900123", "+33 1 99 00 12 34", "+49 30 23125 123", "order 386-227-8030", "ticket 212-534-7788", "123-456-7890", "+1 (000) 123-4567", "2025-06-11 10:30",
            "1.234.567.890", "10-15-20", "in 2024-2025", "12 345 678", "call 911", "call 1-800-555-0199", "room 212-534", "part no. 617-253-1000", "scores 3-2 and 4-1", "lot 0123-4567-8901", "drawn: 06 12 23 34 45 46", "PO 0201 234 567", "version 2.14.3", "phone: 555-0123", "between 100-200-3000", "+1",
        ],
        "ip": ["192.0.2.17", "198.51.100.4", "203.0.113.9", "10.0.0.1", "192.168.1.12", "127.0.0.1", "172.16.4.4", "8.8.8.8", "version 54.23.11.9", "v1.2.3.4", "Chrome/120.0.0.0", "2001:db8::1", "fe80::1", "::1", "section 4.3.2.1", "999.1.1.1", "1.2.3", "12:30:45", "build 20.1.4.7", "0.0" + ".0.0"],
        "mac": ["00:00:5E:00:53:01", "02:1b:44:11:3a:b7", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "12:34:56", "aa:bb:cc", "01:00:5e:00:00:fb", "10:20:30:40"],
        "cvv": ["the CVV is on the back", "CVV: ***", "cvv 000", "error code 123", "code 4711", "security: 123 guards", "CVV required", "never share your CVV"],
        "track": ["%B0000000000000000^DOE/JOHN^0000000000000?", "track 2 of the album", ";0000000000000000=0000000?", "track 1: 4:33", "racetrack 400"],
        "medical_record": ["MRN: 00012345", "MRN pending", "patient number one", "medical records of 12 patients", "MRN 000-77"],
        "passport": ["passport photos 35x45", "passport expired in 2024", "passport number 000123456", "passport required", "passport control, gate 12"],
        "licence": ["driving licence category B", "license number 00012345", "MIT License 2.0", "licence fee 159", "software license no limits"],
        "birth_date": ["born in 1984", "date of birth: 1984-01-01", "DOB redacted", "the meeting is on 12 March 2025", "born to run", "ordered on 2025-06-11", "birth year 1990", "Stand: 12.03.2024", "birthday cake for 12"],
        "url": ["https://www.example.com/a/b", "http://localhost:8080/x", "https://docs.shop.example/faq", "ftp://files.test/a", "https://192.0.2.1/x", "see example.org", "http://api.corp.invalid"],
        None: [
            *(f"id {one}" for one in hexes), *uuids, "$1,234.56 and 99.95 EUR", "1Z999AA10123456784", "SKU-4471-2289-X", "TW-690674", "2025-06-11T10:30:00Z", "2025-06-11 10:30:00.123456+02:00", "12 items for 129.00", "commit 4f2a9c1e8b7d6a5f",
            "conv_097e0ea98b395993ec022cfb", "call_1fced707bab88426ac0ec9a0", "AC-84134166", "OE8391340639", "flight LH 400 at 17:45", "ISBN-10 3-16-148410-X", "EAN 4006381333931", "lat 52.520008, lon 13.404954",
            "PO Box 1234, 10115 Berlin", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "A4 210x297", "1/2/3", "page 12-15 of 200", "ratio 16:9", "3.14159265358979", "1e-10", "0x1F4D", "Q3 2024: 12,345,678",
            "RFC 2606", "GTIN 00012345600012", "DHL 00340434292135100186", "booking ref X7K9PQ", "gate B12, seat 14C", "order 2024-0001-4471", "session 8f14e45fceea167a", "trace 4bf92f3577b34da6a3ce929d0e0e4736",
        ],
    }  # fmt: skip
    return [(kind, text) for kind, group in texts.items() for text in group]
