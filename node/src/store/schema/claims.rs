//! Tables of claims: windows, lines, evidence, audits, certificates, partners, disclosures.

diesel::table! {
    claim_window (id) {
        id -> BigInt,
        name -> Text,
        first_day -> Date,
        last_day -> Date,
        programme -> Text,
        framework -> Text,
        target -> Nullable<BigInt>,
        opened_at -> Timestamp,
        opened_by -> Text,
    }
}

diesel::table! {
    claim (id) {
        id -> BigInt,
        claim_window -> BigInt,
        programme -> Text,
        line -> Text,
        family -> Text,
        state -> Text,
        kind -> Text,
        problems -> Text,
        pence -> BigInt,
        framework -> Text,
        software -> Text,
        decided_on -> Date,
        verdict -> Text,
        drafted_at -> Timestamp,
        drafted_by -> Text,
    }
}

diesel::table! {
    claim_step (claim, number) {
        claim -> BigInt,
        number -> BigInt,
        state -> Text,
        at -> Timestamp,
        actor -> Text,
        reason -> Text,
    }
}

diesel::table! {
    claim_evidence (claim, number) {
        claim -> BigInt,
        number -> BigInt,
        kind -> Text,
        reference -> Text,
        sha256 -> Nullable<Text>,
        relied -> Nullable<Text>,
        words -> Text,
        added_at -> Timestamp,
        added_by -> Text,
    }
}

diesel::table! {
    audit (id) {
        id -> BigInt,
        claim_window -> BigInt,
        reason -> Text,
        frozen_at -> Timestamp,
        frozen_by -> Text,
        salt -> Text,
        list_hash -> Text,
        share_beforehand -> BigInt,
        share -> BigInt,
        seed -> Nullable<Text>,
        seeded_at -> Nullable<Timestamp>,
        seeded_by -> Nullable<Text>,
        concluded_at -> Nullable<Timestamp>,
        concluded_by -> Nullable<Text>,
    }
}

diesel::table! {
    audit_line (audit, claim) {
        audit -> BigInt,
        claim -> BigInt,
        line -> Text,
        discretionary -> Integer,
        drawn -> Integer,
        finding -> Nullable<Text>,
        reason -> Text,
        found_at -> Nullable<Timestamp>,
        found_by -> Nullable<Text>,
    }
}

diesel::table! {
    claim_certificate (id) {
        id -> BigInt,
        claim_window -> BigInt,
        issue -> BigInt,
        issued_at -> Timestamp,
        issued_by -> Text,
        signed -> Text,
        salt -> Text,
        commitment -> Text,
    }
}

diesel::table! {
    certificate_claim (certificate, claim) {
        certificate -> BigInt,
        claim -> BigInt,
    }
}

diesel::table! {
    partner (id) {
        id -> BigInt,
        name -> Text,
        rule -> Text,
        percent -> Nullable<BigInt>,
        recorded_at -> Timestamp,
        recorded_by -> Text,
    }
}

diesel::table! {
    partner_family (partner, line) {
        partner -> BigInt,
        line -> Text,
        recorded_at -> Timestamp,
        recorded_by -> Text,
    }
}

diesel::table! {
    disclosure (id) {
        id -> BigInt,
        disclosed_on -> Date,
        kind -> Text,
        recipient -> Text,
        figures -> Text,
        reference -> Text,
        recorded_at -> Timestamp,
        recorded_by -> Text,
    }
}
