"""From a property's name to what it means: `billingFirstName` is a first name in the role `billing`."""

from functools import lru_cache

from synth_sdk.schema.names import snake

# meaning: the names that stand for it, as they would end a snake_case name
_NAMES = {
    "first_name": "first_name given_name forename fname firstname givenname",
    "last_name": "last_name surname family_name lname lastname familyname",
    "middle_name": "middle_name middlename",
    "full_name": "full_name fullname display_name customer_name contact_name cardholder cardholder_name recipient_name sender_name author "
    "owner customer patient passenger employee_name author_name owner_name user_full_name manager assignee reporter contact_person holder",
    "name": "name",
    "username": "username user_name login handle nickname screen_name screenname",
    "email": "email e_mail mail email_address mail_address emailaddress",
    "gender": "gender sex",
    "phone": "phone phone_number telephone mobile mobile_number cell cellphone fax tel phonenumber contact_number",
    "job": "job job_title occupation profession position jobtitle",
    "salutation": "salutation honorific name_prefix",
    "company": "company company_name organization organisation employer vendor supplier manufacturer brand merchant merchant_name "
    "organization_name business_name publisher shop store_name companyname",
    "department": "department team division",
    "industry": "industry sector",
    "street": "street street_address address_line address_line1 address_line_1 line1 address1 street_name addressline1 streetaddress",
    "unit": "address_line2 address_line_2 line2 address2 apartment suite unit_number",
    "address": "address full_address mailing_address shipping_address billing_address home_address",
    "city": "city town locality municipality city_name",
    "state": "state province region county state_name",
    "state_code": "state_code state_abbr province_code region_code",
    "postcode": "postcode zip zip_code postal_code zipcode postalcode",
    "country": "country country_name nation nationality",
    "country_code": "country_code country_iso countrycode",
    "timezone": "timezone time_zone tz",
    "language": "language lang locale language_code",
    "url": "url uri link href website homepage web_site webpage site_url avatar avatar_url image image_url photo picture thumbnail logo "
    "profile_url web_url callback_url endpoint webhook",
    "hostname": "hostname host domain domain_name fqdn server",
    "ipv4": "ip ip_address ipaddress ipv4 client_ip remote_addr source_ip",
    "ipv6": "ipv6",
    "mac": "mac mac_address",
    "user_agent": "user_agent useragent",
    "slug": "slug permalink",
    "path": "path file_path filepath directory folder",
    "file_name": "file_name filename file attachment",
    "mime_type": "mime_type content_type mimetype media_type",
    "http_method": "http_method method request_method",
    "uuid": "uuid guid",
    "id": "id identifier key ref reference",
    "sku": "sku product_code item_code part_number",
    "number_code": "order_number invoice_number ticket_number case_number tracking_number confirmation_code booking_reference order_no "
    "transaction_reference order_id invoice_id",
    "barcode": "barcode ean upc gtin",
    "isbn": "isbn isbn13",
    "token": "token access_token secret api_key session_id checksum hash digest signature password",
    "version": "version app_version release",
    "currency": "currency currency_code",
    "iban": "iban",
    "bic": "bic swift swift_code",
    "card_number": "card_number credit_card cc_number credit_card_number pan",
    "card_type": "card_type card_brand payment_network",
    "payment_method": "payment_method payment_type",
    "product": "product product_name item item_name article",
    "category": "category product_category",
    "title": "title subject headline heading label caption",
    "sentence": "description summary comment message note notes abstract remark remarks reason excerpt details feedback review text bio",
    "paragraph": "content body article_text long_description about biography",
    "tag": "tag keyword topic label_name",
    "color": "color colour",
    "status": "status order_status payment_status",
    "priority": "priority severity urgency",
    "level": "log_level loglevel",
    "role": "role user_role",
    "plan": "plan subscription tier subscription_plan membership",
    "hex_color": "hex_color color_code",
    "device": "device device_type platform os operating_system",
    "browser": "browser",
    "weekday": "weekday day_of_week",
    "month_name": "month_name",
    "size": "size",
    "measure": "unit unit_of_measure uom",
    "query": "query search_query search_term q",
    "question": "question",
    "source": "source channel",
    "birth": "birth_date date_of_birth birthdate dob birthday born",
}  # fmt: skip
_MEANING_OF = {name: meaning for meaning, names in _NAMES.items() for name in names.split()}
_OTHER_PEOPLE = frozenset(
    [
        "sender",
        "recipient",
        "from",
        "to",
        "manager",
        "seller",
        "buyer",
        "author",
        "reviewer",
        "emergency",
        "spouse",
        "parent",
        "approver",
        "assignee",
        "reporter",
        "shipping",
        "billing",
        "secondary",
        "alternate",
        "supervisor",
        "guardian",
        "partner",
    ]
)
_PEOPLE_NEAR = frozenset(
    ["email", "first_name", "last_name", "phone", "age", "gender", "birth_date", "username", "date_of_birth"]
)
_PRODUCT_NEAR = frozenset(["price", "sku", "quantity", "stock", "unit_price", "in_stock", "barcode", "weight"])
_PRODUCT_OWNERS = ("product", "item", "article", "line_item", "good")
_COMPANY_OWNERS = (
    "company",
    "organization",
    "organisation",
    "employer",
    "vendor",
    "supplier",
    "brand",
    "publisher",
    "merchant",
    "store",
)
_PLACE_OWNERS = {"city": "city", "country": "country", "state": "state", "region": "state", "location": "city"}
PLACES_NEAR = frozenset(["city", "state", "postcode", "zip", "zip_code", "postal_code"])
_RANKS = {
    "created registered opened ordered placed start started starts from begin begins issued joined hired signup published checkin "
    "departure since submitted order purchase purchased invoice": 1,
    "paid confirmed processed approved verified accepted": 2,
    "updated modified changed edited revised": 3,
    "shipped dispatched picked sent": 4,
    "delivered arrival received completed finished finish end ended ends to until closed resolved checkout login seen active return": 5,
    "due expires expiry expiration expire deadline renewal valid": 6,
    "deleted cancelled canceled archived removed terminated": 7,
}
_RANK_OF = {word: rank for words, rank in _RANKS.items() for word in words.split()}
USUAL_RANK = 3


@lru_cache(maxsize=20_000)
def meaning_of(name: str) -> tuple[str, str]:
    """(meaning, role) of a property name; ("", "") when it says nothing. A role is what stands before the part that is known."""
    pieces = snake(name).split("_")
    for take in range(min(len(pieces), 4), 0, -1):
        for ending in ("_".join(pieces[-take:]), _singular("_".join(pieces[-take:]))):
            if ending in _MEANING_OF:
                role = "_".join(pieces[:-take])
                return _MEANING_OF[ending], role
    return "", ""


def person_role(role: str) -> str:
    """`role` if it speaks of another person than the record's own, else the empty string."""
    return role if any(piece in _OTHER_PEOPLE for piece in role.split("_")) else ""


def what_is_named(role: str, owner: str, siblings: frozenset[str]) -> str:
    """What a bare `name` is the name of, by what stands around it: "product", "company", "city"..., "full_name" or "label"."""
    around = role or owner.removesuffix("s")
    if any(around.endswith(word) for word in _PRODUCT_OWNERS) or (not role and siblings & _PRODUCT_NEAR):
        return "product"
    if any(around.endswith(word) for word in _COMPANY_OWNERS):
        return "company"
    if around in _PLACE_OWNERS:
        return _PLACE_OWNERS[around]
    return "label" if role and not siblings & _PEOPLE_NEAR else "full_name"


@lru_cache(maxsize=20_000)
def rank_of(name: str) -> int:
    """Where in the life of a thing the moment called `name` lies: 1 creation ... 7 removal."""
    pieces = snake(name).split("_")
    if pieces[:2] in (["check", "out"], ["valid", "to"], ["valid", "until"]):
        return 6
    return next((_RANK_OF[piece] for piece in pieces if piece in _RANK_OF), USUAL_RANK)


def _singular(name: str) -> str:
    if name.endswith("ies"):
        return name[:-3] + "y"
    if name.endswith("sses"):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name
