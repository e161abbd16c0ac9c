//! Tables of what was before Tenfold.

use super::register::{family, load, mention, person};

diesel::table! {
    history (load, line) {
        load -> BigInt,
        line -> BigInt,
        person -> BigInt,
        carer -> Nullable<BigInt>,
        family_ref -> Nullable<Text>,
        framework -> Text,
        programme -> Text,
        attached_on -> Date,
        needs -> Text,
        postcode -> Nullable<Text>,
        uprn -> Nullable<Text>,
        ward -> Nullable<Text>,
        reference -> Nullable<Text>,
        kind -> Nullable<Text>,
        claimed_on -> Nullable<Date>,
        claimed_in -> Nullable<Text>,
        pence -> Nullable<BigInt>,
        state -> Nullable<Text>,
        sha256 -> Nullable<Text>,
    }
}

diesel::table! {
    claimed_before (load, row_line) {
        load -> BigInt,
        row_line -> BigInt,
        line -> Text,
        programme -> Text,
        framework -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(history, mention);
diesel::allow_tables_to_appear_in_same_query!(history, person);
diesel::allow_tables_to_appear_in_same_query!(history, family);
diesel::allow_tables_to_appear_in_same_query!(history, load);
