"""Schemas as people write them, each with the pattern (or the table of it) that it is nearest to; and some of no relation to any.

None was made from a pattern: names in camelCase, snake_case and plain words, subsets, supersets, other words for the same things.
"""


def fields(text):
    """`"id:integer total:number"` as the shorthand; a field without a type is text."""
    return {name: kind or "string" for name, _, kind in (field.partition(":") for field in text.split())}


def tables(**told):
    return {"tables": {name: {"count": 10, "schema": fields(text)} for name, text in told.items()}}


LABELLED = [
    (
        "ecommerce.customers",
        fields("customerId:integer firstName lastName email:email newsletter:boolean segment joinedAt:datetime"),
    ),
    (
        "ecommerce.customers",
        fields(
            "id:integer first_name last_name email street city state zip_code signup_date:date newsletter_opt_in:boolean shopper_segment"
        ),
    ),
    ("ecommerce.products", fields("sku productName category price:number currency rating:number inStock:boolean finish")),
    (
        "ecommerce.products",
        fields("id:integer sku title price:number category colour weight:number rating:number launch_date:date active:boolean"),
    ),
    (
        "ecommerce.orders",
        fields(
            "orderNumber customerId:integer orderedAt:datetime shippedAt:datetime deliveredAt:datetime shippingMethod shippingFee:number"
        ),
    ),
    (
        "ecommerce.orders",
        fields(
            "order_id:integer client_id:integer purchase_date:date payment_method coupon promotion_code delivery_date:date channel note"
        ),
    ),
    (
        "ecommerce.order_items",
        fields("id:integer orderId:integer productId:integer sku quantity:integer unitPrice:number lineTotal:number"),
    ),
    (
        "ecommerce.order_items",
        fields("purchase_id:integer article_id:integer article_name qty:integer unit_cost:number amount:number returned:boolean"),
    ),
    (
        "ecommerce.reviews",
        fields("reviewId:integer orderId:integer customerId:integer rating:integer title helpfulVotes:integer postedAt:datetime"),
    ),
    (
        "ecommerce.carts",
        fields("cart_id:uuid customer_id:integer product_id:integer quantity:integer total:number device abandoned_at:datetime"),
    ),
    (
        "ecommerce",
        tables(
            buyers="id:integer name email:email city",
            goods="sku name price:number category",
            purchases="id:integer buyer_id:integer ordered_at:datetime shipped_at:datetime",
            lines="purchase_id:integer sku qty:integer unit_price:number",
        ),
    ),
    (
        "ecommerce",
        tables(
            Customer="customerId:integer firstName lastName",
            Product="productId:integer sku price:number",
            Order="orderId:integer customerId:integer shippingFee:number",
            Review="productId:integer rating:integer",
        ),
    ),
    (
        "healthcare.patients",
        fields("patientId:integer mrn firstName lastName birthDate:date sex preferredLanguage insurance memberId"),
    ),
    (
        "healthcare.patients",
        fields(
            "medical_record_number given_name family_name dob:date gender phone insurer height_cm:integer smoker smoking_status"
        ),
    ),
    (
        "healthcare.providers",
        fields("doctor_id:integer first_name last_name credentials specialty hired_on:date accepting_new_patients:boolean"),
    ),
    (
        "healthcare.encounters",
        fields("encounterId:integer patientId:integer providerId:integer visitDate:date durationMinutes:integer visitKind class"),
    ),
    (
        "healthcare.encounters",
        fields(
            "appointment_number patient_id:integer physician_id:integer appointment_date:date start_time minutes:integer waited_minutes:integer"
        ),
    ),
    (
        "healthcare.vitals",
        fields(
            "encounter_id:integer systolic:integer diastolic:integer heart_rate:integer temperature:number oxygen_saturation:integer"
        ),
    ),
    (
        "healthcare.vitals",
        fields(
            "visitId:integer systolicBp:integer diastolicBp:integer heartRateBpm:integer respiratoryRate:integer painScore:integer"
        ),
    ),
    ("healthcare.diagnoses", fields("patient_id:integer icd10_code description chapter diagnosed_on:date treatment")),
    ("healthcare.diagnoses", fields("encounterId:integer icdCode icdDescription chronic:boolean diagnosisDate:date")),
    (
        "healthcare.prescriptions",
        fields("rx_number patient_id:integer drug days_supply:integer refills:integer prescribed_on:date pharmacy"),
    ),
    (
        "healthcare.prescriptions",
        fields("prescriptionId:integer diagnosisId:integer medication refills:integer genericAllowed:boolean prescribedOn:date"),
    ),
    (
        "healthcare.lab_results",
        fields(
            "accession_number patient_id:integer loinc test result_value:number unit reference_range collected_at:datetime resulted_at:datetime"
        ),
    ),
    (
        "healthcare.claims",
        fields("claimNumber patientId:integer payer serviceDate:date billedAmount:number copay:number denialReason status"),
    ),
    (
        "healthcare",
        tables(
            patients="mrn name birth_date:date",
            doctors="id:integer specialty",
            appointments="patient_id:integer doctor_id:integer visit_date:date",
            medications="patient_id:integer drug refills:integer",
            lab_tests="patient_id:integer loinc_code value:number",
        ),
    ),
    (
        "finance.customers",
        fields(
            "customer_number first_name last_name birth_date:date occupation annual_income:number credit_score:integer risk_rating"
        ),
    ),
    (
        "finance.accounts",
        fields(
            "accountNumber customerId:integer accountType balance:number overdraftLimit:integer interestRate:number openedOn:date"
        ),
    ),
    (
        "finance.accounts",
        fields(
            "acct_no client_id:integer account_kind balance:number currency overdraft_limit:number opened:date dormant:boolean"
        ),
    ),
    (
        "finance.cards",
        fields("cardToken accountId:integer network last4 contactless:boolean dailyLimit:integer expires issuedOn:date"),
    ),
    (
        "finance.card_transactions",
        fields(
            "txnId:uuid cardId:integer merchantId:integer mcc amount:number currency entryMode responseCode authorisedAt:datetime"
        ),
    ),
    (
        "finance.card_transactions",
        fields(
            "transaction_id:uuid card_id:integer vendor_name mcc amount:number posted_date:date fraud_score:number is_disputed:boolean"
        ),
    ),
    (
        "finance.transfers",
        fields(
            "transfer_id:uuid sender_account_id:integer receiver_account_id:integer amount:number currency memo purpose settled_on:date"
        ),
    ),
    (
        "finance.loans",
        fields(
            "loanNumber customerId:integer principal:number annualRatePct:number termMonths:integer monthlyPayment:number autopay:boolean"
        ),
    ),
    (
        "finance.loans",
        fields(
            "loan_id:integer borrower_id:integer principal:number interest_rate:number term_months:integer monthly_payment:number opened_on:date"
        ),
    ),
    (
        "finance",
        tables(
            clients="id:integer name credit_score:integer",
            accounts="account_number client_id:integer balance:number",
            payment_cards="account_id:integer network last4",
            merchants="id:integer mcc category",
            transactions="card_id:integer merchant_id:integer amount:number",
        ),
    ),
    ("logistics.ports", fields("port_code port_name country_code latitude:number longitude:number timezone")),
    (
        "logistics.shipments",
        fields(
            "bookingNumber shipperId:integer origin destination consignee incoterm commodity freight:number shippedAt:datetime arrivalAt:datetime"
        ),
    ),
    (
        "logistics.shipments",
        fields(
            "consignment_id:integer shipper lane origin destination commodity eta:datetime arrival:datetime confirmed:datetime gate_in:datetime"
        ),
    ),
    (
        "logistics.containers",
        fields(
            "containerNumber shipmentId:integer sizeType sealNumber netWeightKg:integer tareWeightKg:integer packages:integer"
        ),
    ),
    (
        "logistics.containers",
        fields("container_no shipment_id:integer size_type seal_no tare_weight:number net_weight:number package_type"),
    ),
    ("logistics.vessels", fields("vesselName homePort capacityTeu:integer built:integer")),
    (
        "logistics.voyages",
        fields(
            "voyageNumber vesselId:integer laneId:integer departedAt:datetime arrivalAt:datetime delayHours:integer delayReason"
        ),
    ),
    ("logistics.collections", fields("shipment_id:integer haulier driver plate distance_km:number waiting_minutes:integer")),
    (
        "logistics.deliveries",
        fields(
            "deliveryId:integer shipmentId:integer arrivedAt:datetime deliveredAt:datetime attempts:integer signedBy condition"
        ),
    ),
    (
        "logistics",
        tables(
            shippers="id:integer company payment_terms",
            consignments="id:integer shipper_id:integer origin destination",
            boxes="container_number seal_number tare_weight_kg:number",
            legs="consignment_id:integer vessel departed:datetime arrival:datetime",
        ),
    ),
    ("saas.plans", fields("planCode planName monthlyPrice:number includedSeats:integer apiCallsPerDay:integer")),
    (
        "saas.accounts",
        fields("workspaceId:integer company slug industry employees:integer country healthScore:integer signedUpAt:datetime"),
    ),
    (
        "saas.users",
        fields("user_id:uuid account_id:integer email:email role two_factor_enabled:boolean locale last_seen_at:datetime"),
    ),
    (
        "saas.subscriptions",
        fields(
            "subscriptionId accountId:integer planId:integer monthlyPrice:number seats:integer status autoRenew:boolean startedOn:date"
        ),
    ),
    (
        "saas.subscriptions",
        fields(
            "membership_id tenant_id:integer tier monthly_fee:number renewal:boolean auto_renew:boolean started:date paused:boolean"
        ),
    ),
    ("saas.invoices", fields("invoiceNumber subscriptionId accountId:integer planFee:number currency issuedOn:date paidOn:date")),
    (
        "saas.usage_daily",
        fields(
            "subscription_id day:date active_users:integer sessions:integer api_calls:integer storage_gb:number error_rate:number"
        ),
    ),
    (
        "saas.tickets",
        fields(
            "ticketId:integer accountId:integer category subject priority openedAt:datetime resolvedAt:datetime satisfaction:integer"
        ),
    ),
    (
        "saas.tickets",
        fields(
            "case_id:integer subject channel priority opened:datetime resolved:datetime replies:integer csat satisfaction:integer"
        ),
    ),
    (
        "saas",
        tables(
            organisations="id:integer company industry",
            members="organisation_id:integer email:email role",
            subscriptions="organisation_id:integer plan_code seats:integer",
            bills="subscription_id:integer issued_on:date paid_on:date",
            usage="subscription_id:integer day:date api_calls:integer",
        ),
    ),
]

UNRELATED = [
    (
        "stars",
        fields(
            "hip:integer constellation right_ascension:number declination:number magnitude:number spectral_class parallax:number"
        ),
    ),
    (
        "recipes",
        fields("dish cuisine servings:integer prep_minutes:integer oven_celsius:integer vegan:boolean ingredients instructions"),
    ),
    ("chess", fields("white black opening eco moves:integer result elo_white:integer elo_black:integer played:date")),
    (
        "weather",
        fields(
            "station temperature:number humidity:number pressure:number wind_speed:number wind_direction:integer rainfall:number"
        ),
    ),
    ("music", fields("track artist album genre bpm:integer seconds:integer explicit:boolean isrc")),
    (
        "matches",
        fields("home_team away_team home_goals:integer away_goals:integer stadium referee kickoff:datetime attendance:integer"),
    ),
    ("genome", fields("chromosome position:integer ref_allele alt_allele quality:number depth:integer genotype")),
    ("library", fields("isbn author edition pages:integer publisher shelf borrowed:boolean")),
    ("elections", fields("constituency candidate party votes:integer turnout:number elected:boolean")),
    ("trees", fields("species height_m:number trunk_cm:number planted:integer park health leaf")),
    (
        "flights",
        fields("callsign altitude_ft:integer heading:integer ground_speed:integer squawk latitude:number longitude:number"),
    ),
    ("logs", fields("timestamp:datetime level logger thread message exception line:integer")),
    ("courses", fields("course lecturer semester credits:integer room enrolled:integer syllabus")),
    ("images", fields("filename width:integer height:integer camera iso:integer aperture:number shutter gps")),
    ("sensors", fields("sensor reading:number battery:number firmware vibration:number tilt:number")),
    ("films", fields("film director runtime:integer studio premiere:date oscars:integer cast")),
    ("farm", fields("field crop sown:date harvested:date yield_tonnes:number irrigation soil_ph:number")),
    ("commits", fields("sha repository branch files:integer insertions:integer deletions:integer pushed:datetime")),
    ("bare", fields("id:integer name created_at:datetime updated_at:datetime")),
    (
        "quarry",
        {
            "tables": {
                "fossils": {"count": 3, "schema": fields("genus epoch formation depth_m:number")},
                "digs": {"count": 3, "schema": fields("site season crew:integer")},
            }
        },
    ),
]
