//! Release keys that followed others.

diesel::table! {
    release_key (number) {
        number -> Integer,
        old_key -> Text,
        new_key -> Text,
        from_release -> Integer,
        request -> Text,
        made_at -> Timestamp,
        made_by -> Text,
        answer -> Nullable<Text>,
        given_up_at -> Nullable<Timestamp>,
    }
}
