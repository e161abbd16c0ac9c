//! Tables of the register: loads, who is meant, records as they arrived, persons and families.

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
        authority -> Text,
        headings -> Text,
        area -> Text,
        as_of -> Date,
        covers_from -> Date,
        covers_to -> Date,
        loaded_at -> Timestamp,
        loaded_by -> Text,
        rows_taken -> BigInt,
        rows_unmatched -> BigInt,
        rows_quarantined -> BigInt,
        quality -> Text,
        mends -> Nullable<BigInt>,
        answers -> Integer,
        undone_at -> Nullable<Timestamp>,
        undone_by -> Nullable<Text>,
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
        mended_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    query_row (load, number) {
        load -> BigInt,
        number -> BigInt,
        line -> BigInt,
        column_name -> Text,
        rule -> Text,
        own_key -> Text,
        question -> Text,
    }
}

diesel::table! {
    query_answer (source, rule, own_key) {
        source -> Text,
        rule -> Text,
        own_key -> Text,
        explanation -> Text,
        answered_at -> Timestamp,
        answered_by -> Text,
    }
}

diesel::table! {
    person (id) {
        id -> BigInt,
        given_name -> Text,
        family_name -> Text,
        birth_date -> Nullable<Date>,
        sex -> Text,
        family -> Nullable<BigInt>,
        first_family -> Nullable<BigInt>,
    }
}

diesel::table! {
    mention (id) {
        id -> BigInt,
        identity -> Text,
        given_name -> Text,
        family_name -> Text,
        birth_date -> Nullable<Date>,
        sex -> Nullable<Text>,
        nhs_number -> Nullable<Text>,
        upn -> Nullable<Text>,
        ni_number -> Nullable<Text>,
        case_system -> Nullable<Text>,
        case_id -> Nullable<Text>,
        person -> Nullable<BigInt>,
        first_person -> Nullable<BigInt>,
    }
}

diesel::table! {
    mention_load (load, mention) {
        load -> BigInt,
        mention -> BigInt,
    }
}

diesel::table! {
    register_head (id) {
        id -> Integer,
        last_person -> BigInt,
        last_family -> BigInt,
        last_line -> BigInt,
        last_mention -> BigInt,
    }
}

diesel::table! {
    family (id) {
        id -> BigInt,
        line -> BigInt,
        ward -> Nullable<Text>,
        uprn -> Nullable<Text>,
        settled_on -> Nullable<Date>,
    }
}

diesel::table! {
    line_merge (line) {
        line -> BigInt,
        into_line -> BigInt,
        merged_at -> Timestamp,
        load -> Nullable<BigInt>,
    }
}

diesel::table! {
    person_decision (id) {
        id -> BigInt,
        act -> BigInt,
        kind -> Text,
        one -> Text,
        other -> Text,
        reason -> Text,
        decided_at -> Timestamp,
        decided_by -> Text,
        revoked_at -> Nullable<Timestamp>,
        revoked_by -> Nullable<Text>,
    }
}

diesel::table! {
    link (one, other) {
        one -> Text,
        other -> Text,
        weight -> BigInt,
        accepted -> Integer,
        parameters -> Text,
        because -> Text,
    }
}

diesel::table! {
    weighing (id) {
        id -> BigInt,
        parameters -> Text,
        last_person -> BigInt,
        weighed_at -> Timestamp,
        weighed_by -> Text,
    }
}

diesel::table! {
    assessment (load, line) {
        load -> BigInt,
        line -> BigInt,
        reference -> Text,
        child -> BigInt,
        carer -> Nullable<BigInt>,
        kind -> Text,
        started -> Date,
        completed -> Nullable<Date>,
        whole_family -> Nullable<Integer>,
        plan_made -> Nullable<Date>,
        key_worker -> Nullable<Text>,
        key_worker_from -> Nullable<Date>,
        needs -> Text,
        address -> Nullable<Text>,
        postcode -> Nullable<Text>,
        family_ref -> Nullable<Text>,
        uprn -> Nullable<Text>,
        ward -> Nullable<Text>,
        referral_source -> Nullable<Text>,
    }
}

diesel::table! {
    session_count (load, line) {
        load -> BigInt,
        line -> BigInt,
        pupil -> BigInt,
        term_from -> Date,
        term_to -> Date,
        possible -> Integer,
        code -> Text,
        absence -> Integer,
        sessions -> Integer,
    }
}

diesel::table! {
    incident (load, line) {
        load -> BigInt,
        line -> BigInt,
        reference -> Text,
        person -> BigInt,
        happened_on -> Date,
        kind -> Text,
    }
}

diesel::table! {
    spell (load, line) {
        load -> BigInt,
        line -> BigInt,
        person -> BigInt,
        kind -> Text,
        from_day -> Date,
        description -> Text,
        to_day -> Nullable<Date>,
    }
}

diesel::table! {
    care_spell (load, line) {
        load -> BigInt,
        line -> BigInt,
        child -> BigInt,
        kind -> Text,
        from_day -> Date,
        to_day -> Nullable<Date>,
    }
}

diesel::table! {
    episode (load, line) {
        load -> BigInt,
        line -> BigInt,
        reference -> Text,
        child -> BigInt,
        opened -> Date,
        closed -> Nullable<Date>,
        reason -> Nullable<Text>,
        received_from -> Nullable<Text>,
        family_ref -> Nullable<Text>,
    }
}

diesel::table! {
    housing_spell (load, line) {
        load -> BigInt,
        line -> BigInt,
        person -> BigInt,
        kind -> Text,
        from_day -> Date,
        to_day -> Nullable<Date>,
        address -> Nullable<Text>,
        postcode -> Nullable<Text>,
        uprn -> Nullable<Text>,
    }
}

diesel::table! {
    circumstance (load, line) {
        load -> BigInt,
        line -> BigInt,
        person -> BigInt,
        kind -> Text,
        asked -> Nullable<Text>,
        from_day -> Date,
        to_day -> Nullable<Date>,
    }
}

diesel::table! {
    standing (id) {
        id -> BigInt,
        identity -> Text,
        kind -> Text,
        form -> Text,
        on_day -> Date,
        recorded_at -> Timestamp,
        recorded_by -> Text,
    }
}

diesel::table! {
    place (kind, value) {
        kind -> Text,
        value -> Text,
        ward -> Text,
        dated -> Date,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    assessment,
    session_count,
    incident,
    spell,
    care_spell,
    episode,
    housing_spell,
    circumstance,
    mention,
    person,
    mention_load,
    load,
    family,
    standing
);
