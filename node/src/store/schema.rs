//! The node's tables, as diesel sees them.

diesel::table! {
    node (id) {
        id -> Integer,
        borough -> Text,
        rehearsal_clock -> Nullable<Text>,
        created_at -> Timestamp,
        bundle -> Nullable<Text>,
    }
}

diesel::table! {
    policy (hash) {
        hash -> Text,
        signed -> Text,
        adopted_at -> Timestamp,
        adopted_by -> Text,
    }
}

diesel::table! {
    ledger_head (id) {
        id -> Integer,
        seq -> BigInt,
        hash -> Text,
    }
}

diesel::table! {
    ledger (seq) {
        seq -> BigInt,
        at -> Timestamp,
        kind -> Text,
        actor -> Text,
        policy -> Text,
        stream -> Text,
        quarter -> Text,
        nano_rho -> BigInt,
        hash -> Text,
    }
}

diesel::table! {
    journal (line_hmac, stream) {
        line_hmac -> Text,
        stream -> Text,
        policy -> Text,
        quarter -> Text,
        kind -> Text,
    }
}

diesel::table! {
    event (id) {
        id -> BigInt,
        line -> Text,
        family -> Text,
        stream -> Text,
        recorded_at -> Timestamp,
        recorded_by -> Text,
        ward -> Nullable<Text>,
        labels -> Text,
        framework -> Text,
    }
}

diesel::table! {
    preparation (quarter) {
        quarter -> Text,
        policy -> Text,
        prepared_at -> Timestamp,
        prepared_by -> Text,
        salted_hash -> Text,
    }
}

diesel::table! {
    frozen_table (policy, stream, quarter) {
        policy -> Text,
        stream -> Text,
        quarter -> Text,
        sealed -> Binary,
    }
}

diesel::table! {
    frozen_line (quarter, stream, line_hmac) {
        quarter -> Text,
        stream -> Text,
        line_hmac -> Text,
    }
}

diesel::table! {
    approval (quarter) {
        quarter -> Text,
        approved_at -> Timestamp,
        approved_by -> Text,
        salted_hash -> Text,
    }
}

diesel::table! {
    release (number) {
        number -> Integer,
        quarter -> Text,
        policy -> Text,
        sealed_at -> Timestamp,
        bytes -> Text,
        sha256 -> Text,
        deliver_at -> Timestamp,
    }
}

diesel::table! {
    outbox (number) {
        number -> Integer,
        attempts -> Integer,
        last_attempt_at -> Nullable<Timestamp>,
        last_problem -> Nullable<Text>,
        receipt -> Nullable<Text>,
        receipted_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    statement (id) {
        id -> Integer,
        signed -> Text,
    }
}

diesel::table! {
    agreement (source) {
        source -> Text,
        reference -> Text,
        recorded_at -> Timestamp,
        recorded_by -> Text,
    }
}

diesel::table! {
    load (id) {
        id -> BigInt,
        mapping -> Text,
        source -> Text,
        file_name -> Text,
        file_sha256 -> Text,
        agreement -> Text,
        as_of -> Date,
        covers_from -> Date,
        covers_to -> Date,
        loaded_at -> Timestamp,
        loaded_by -> Text,
        rows_taken -> BigInt,
        rows_unmatched -> BigInt,
        rows_quarantined -> BigInt,
    }
}

diesel::table! {
    quarantine_row (load, number) {
        load -> BigInt,
        number -> BigInt,
        line -> BigInt,
        column_name -> Text,
        reason -> Text,
        fix -> Text,
        raw -> Text,
    }
}

diesel::table! {
    person (id) {
        id -> BigInt,
        given_name -> Text,
        family_name -> Text,
        folded_name -> Text,
        birth_date -> Nullable<Date>,
        sex -> Text,
    }
}

diesel::table! {
    person_key (kind, value) {
        kind -> Text,
        value -> Text,
        person -> BigInt,
    }
}

diesel::table! {
    family (id) {
        id -> BigInt,
        line -> BigInt,
        merged_into -> Nullable<BigInt>,
        ward -> Nullable<Text>,
        uprn -> Nullable<Text>,
        settled_on -> Nullable<Date>,
    }
}

diesel::table! {
    family_member (person) {
        person -> BigInt,
        family -> BigInt,
    }
}

diesel::table! {
    household (surname, uprn) {
        surname -> Text,
        uprn -> Text,
        family -> BigInt,
    }
}

diesel::table! {
    line_merge (line) {
        line -> BigInt,
        into_line -> BigInt,
        merged_at -> Timestamp,
    }
}

diesel::table! {
    assessment (id) {
        id -> BigInt,
        reference -> Text,
        child -> BigInt,
        kind -> Text,
        started -> Date,
        completed -> Nullable<Date>,
        whole_family -> Nullable<Integer>,
        plan_made -> Nullable<Date>,
        key_worker -> Nullable<Text>,
        key_worker_from -> Nullable<Date>,
        needs -> Text,
        load -> BigInt,
        line -> BigInt,
    }
}

diesel::table! {
    session_count (id) {
        id -> BigInt,
        pupil -> BigInt,
        term_from -> Date,
        term_to -> Date,
        possible -> Integer,
        code -> Text,
        absence -> Integer,
        sessions -> Integer,
        load -> BigInt,
        line -> BigInt,
    }
}

diesel::table! {
    incident (id) {
        id -> BigInt,
        reference -> Text,
        folded_name -> Text,
        birth_date -> Text,
        person -> Nullable<BigInt>,
        happened_on -> Date,
        kind -> Text,
        load -> BigInt,
        line -> BigInt,
    }
}

diesel::table! {
    spell (id) {
        id -> BigInt,
        person -> BigInt,
        kind -> Text,
        from_day -> Date,
        description -> Text,
        to_day -> Nullable<Date>,
        load -> BigInt,
        line -> BigInt,
    }
}

diesel::table! {
    care_spell (id) {
        id -> BigInt,
        child -> BigInt,
        kind -> Text,
        from_day -> Date,
        to_day -> Nullable<Date>,
        load -> BigInt,
        line -> BigInt,
    }
}

diesel::table! {
    episode (id) {
        id -> BigInt,
        reference -> Text,
        child -> BigInt,
        opened -> Date,
        closed -> Nullable<Date>,
        reason -> Nullable<Text>,
        received_from -> Nullable<Text>,
        load -> BigInt,
        line -> BigInt,
    }
}

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

diesel::joinable!(outbox -> release (number));
diesel::joinable!(family_member -> person (person));
diesel::allow_tables_to_appear_in_same_query!(release, outbox);
diesel::allow_tables_to_appear_in_same_query!(family_member, person);
