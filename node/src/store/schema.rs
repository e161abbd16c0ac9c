//! The node's tables, as diesel sees them.

mod attempts;
mod before;
mod claims;
mod erased;
mod register;
mod release_keys;
mod witness;

pub(crate) use attempts::*;
pub(crate) use before::*;
pub(crate) use claims::*;
pub(crate) use erased::*;
pub(crate) use register::*;
pub(crate) use release_keys::*;
pub(crate) use witness::*;

diesel::table! {
    node (id) {
        id -> Integer,
        borough -> Text,
        rehearsal_clock -> Nullable<Text>,
        created_at -> Timestamp,
        bundle -> Nullable<Text>,
        journal_destroyed_at -> Nullable<Timestamp>,
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
        salt -> Binary,
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
        kind -> Text,
    }
}

diesel::table! {
    refusal (quarter) {
        quarter -> Text,
        reason -> Text,
        comment -> Text,
        refused_at -> Timestamp,
        refused_by -> Text,
        salted_hash -> Nullable<Text>,
        signed -> Text,
    }
}

diesel::table! {
    approval (quarter) {
        quarter -> Text,
        approved_at -> Timestamp,
        approved_by -> Text,
        salted_hash -> Text,
        signed -> Nullable<Text>,
        standing -> Nullable<BigInt>,
        used_by -> Nullable<Text>,
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
        not_before -> Nullable<Timestamp>,
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
    release_return (id) {
        id -> BigInt,
        quarter -> Text,
        salted_hash -> Text,
        returned_at -> Timestamp,
        returned_by -> Text,
        comment -> Text,
        signed -> Text,
    }
}

diesel::table! {
    returned_table (policy, stream, quarter) {
        policy -> Text,
        stream -> Text,
        quarter -> Text,
        sealed -> Binary,
    }
}

diesel::table! {
    question (name) {
        name -> Text,
        hash -> Text,
        signed -> Text,
        adopted_at -> Timestamp,
        adopted_by -> Text,
    }
}

diesel::table! {
    standing_approval (id) {
        id -> BigInt,
        policy -> Text,
        preparer -> Nullable<Text>,
        granted_at -> Timestamp,
        granted_by -> Text,
        ends_at -> Timestamp,
        signed -> Text,
    }
}

diesel::table! {
    standing_revocation (standing) {
        standing -> BigInt,
        revoked_at -> Timestamp,
        revoked_by -> Text,
    }
}
diesel::table! {
    rejection (kind) {
        kind -> Text,
        count -> Integer,
        last_at -> Timestamp,
    }
}

diesel::joinable!(outbox -> release (number));
diesel::allow_tables_to_appear_in_same_query!(release, outbox);
diesel::allow_tables_to_appear_in_same_query!(preparation, approval);
diesel::allow_tables_to_appear_in_same_query!(frozen_line, approval);
