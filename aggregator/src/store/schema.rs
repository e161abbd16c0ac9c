//! The aggregator's tables, as diesel sees them.

diesel::table! {
    region (id) {
        id -> Integer,
        name -> Text,
        ingest_url -> Text,
        leaf_days -> Integer,
        rehearsal_clock -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    policy (hash) {
        hash -> Text,
        signed -> Text,
        in_force_from -> Timestamp,
        number -> Integer,
    }
}

diesel::table! {
    enrolment (fingerprint) {
        fingerprint -> Text,
        borough -> Text,
        release_key -> Text,
        enrolled_at -> Timestamp,
        enrolled_by -> Text,
        not_after -> Timestamp,
        first_quarter -> Text,
    }
}

diesel::table! {
    denial (number) {
        number -> Integer,
        fingerprint -> Text,
        denied_at -> Timestamp,
        denied_by -> Text,
    }
}

diesel::table! {
    log_head (id) {
        id -> Integer,
        size -> Integer,
    }
}

diesel::table! {
    log_entry (position) {
        position -> Integer,
        kind -> Text,
        subject -> Text,
        body -> Text,
    }
}

diesel::table! {
    log_hash (place) {
        place -> Integer,
        hash -> Text,
    }
}

diesel::table! {
    recovery (id) {
        id -> Integer,
        since -> Timestamp,
        had_size -> Integer,
        known_size -> Integer,
        forked -> Integer,
        told_by -> Text,
    }
}

diesel::table! {
    witness (borough) {
        borough -> Text,
        size -> Integer,
        seen_at -> Timestamp,
    }
}

diesel::table! {
    release (log_index) {
        log_index -> Integer,
        borough -> Text,
        quarter -> Text,
        number -> Integer,
        policy -> Text,
        sha256 -> Text,
        bytes -> Text,
        receipt -> Text,
        received_at -> Timestamp,
    }
}

diesel::table! {
    rejection (borough, kind) {
        borough -> Text,
        kind -> Text,
        count -> Integer,
        last_at -> Timestamp,
    }
}

diesel::table! {
    draw_refusal (borough) {
        borough -> Text,
        nonce_sha256 -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    draw_right (number) {
        number -> Integer,
        borough -> Text,
        kind -> Text,
        quarter -> Text,
        policy -> Text,
        nonce_sha256 -> Text,
        ledger_head -> Text,
        at -> Timestamp,
        given_by -> Text,
    }
}

diesel::table! {
    question (name) {
        name -> Text,
        hash -> Text,
        signed -> Text,
        asked_at -> Timestamp,
        asked_by -> Text,
    }
}

diesel::table! {
    renewal (request) {
        request -> Text,
        fingerprint -> Text,
        answer -> Text,
        renewed_at -> Timestamp,
    }
}

diesel::table! {
    readmission (number) {
        number -> Integer,
        borough -> Text,
        kind -> Text,
        request -> Text,
        at -> Timestamp,
        account -> Text,
    }
}

diesel::table! {
    invitation (secret) {
        secret -> Text,
        borough -> Text,
        made_at -> Timestamp,
        made_by -> Text,
        ends_at -> Timestamp,
    }
}

diesel::table! {
    invitation_use (secret) {
        secret -> Text,
        request -> Text,
        used_at -> Timestamp,
    }
}

diesel::table! {
    enrolment_request (request) {
        request -> Text,
        borough -> Text,
        release_key -> Text,
        signed -> Text,
        received_at -> Timestamp,
    }
}

diesel::table! {
    release_key (number) {
        number -> Integer,
        borough -> Text,
        old_key -> Text,
        new_key -> Text,
        from_release -> Integer,
        kept_at -> Timestamp,
    }
}

diesel::table! {
    release_key_lost (number) {
        number -> Integer,
        borough -> Text,
        key -> Text,
        lost_at -> Timestamp,
        lost_by -> Text,
    }
}

diesel::table! {
    notice (number) {
        number -> Integer,
        borough -> Text,
        kind -> Text,
        reason -> Text,
        sha256 -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    own_ca (fingerprint) {
        fingerprint -> Text,
        borough -> Text,
        certificate -> Text,
        trusted_at -> Timestamp,
        trusted_by -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(enrolment_request, renewal);

diesel::table! {
    allowance (holder) {
        holder -> Text,
        calls -> Integer,
        since -> Timestamp,
    }
}

diesel::allow_tables_to_appear_in_same_query!(denial, enrolment);
