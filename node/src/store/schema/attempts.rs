//! Attempts to draw.

diesel::table! {
    draw_attempt (number) {
        number -> Integer,
        quarter -> Text,
        nonce_sha256 -> Text,
        nonce -> Nullable<Text>,
        asked_at -> Timestamp,
        carried -> Integer,
        used_at -> Nullable<Timestamp>,
    }
}
