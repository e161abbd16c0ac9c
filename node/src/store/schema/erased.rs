//! What stays of erased families.

diesel::table! {
    remembered (identifier_hmac, line_hmac) {
        identifier_hmac -> Text,
        line_hmac -> Text,
    }
}
