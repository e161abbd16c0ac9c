//! What this node keeps of the region's log.

diesel::table! {
    log_entry (position) {
        position -> Integer,
        body -> Text,
    }
}

diesel::table! {
    checkpoint (size) {
        size -> Integer,
        root -> Text,
        signed -> Text,
        seen_at -> Timestamp,
    }
}
