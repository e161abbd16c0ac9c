//! The tables both programs share, as diesel sees them.

diesel::table! {
    account (name) {
        name -> Text,
        display_name -> Text,
        role -> Text,
        password_hash -> Text,
        created_at -> Timestamp,
        failures -> Integer,
        locked_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    session (token_hash) {
        token_hash -> Text,
        account -> Text,
        form_token -> Text,
        opened_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    act_head (id) {
        id -> Integer,
        seq -> BigInt,
        hash -> Text,
    }
}

diesel::table! {
    act (seq) {
        seq -> BigInt,
        at -> Timestamp,
        actor -> Text,
        verb -> Text,
        object -> Text,
        hash -> Text,
    }
}

diesel::table! {
    signing_key (public_key) {
        public_key -> Text,
        account -> Text,
        origin -> Text,
        made_at -> Timestamp,
        retired_at -> Nullable<Timestamp>,
        salt -> Nullable<Text>,
        sealed -> Nullable<Text>,
    }
}

diesel::joinable!(session -> account (account));
diesel::allow_tables_to_appear_in_same_query!(account, session);
