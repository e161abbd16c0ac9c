//! Canonical bytes: one text for one value (RFC 8785), whole numbers only.

use serde::Serialize;
use serde_json::Value;

/// The largest whole number that a JSON number keeps exactly, 2⁵³ − 1 (RFC 8785 section 3.2.2.3, RFC 7493).
pub const LARGEST_INTEGER: i64 = (1 << 53) - 1;

/// Why a value has no canonical bytes.
#[derive(Debug, thiserror::Error)]
pub enum CanonicalError {
    /// A number is not whole or too large; the canonicaliser would round it silently.
    #[error("a number in the message is not a whole number within ±(2^53 - 1)")]
    Number,
    /// The value cannot be written as JSON.
    #[error("the message cannot be written as JSON")]
    Unwritable,
}

/// The canonical bytes of a value.
///
/// # Errors
/// Where a number is not whole or lies beyond ±(2⁵³ − 1), or the value cannot be written as JSON.
pub fn canonical<T: Serialize>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    let value = serde_json::to_value(value).map_err(|_| CanonicalError::Unwritable)?;
    whole(&value)?;
    serde_json_canonicalizer::to_vec(&value).map_err(|_| CanonicalError::Unwritable)
}

fn whole(value: &Value) -> Result<(), CanonicalError> {
    match value {
        Value::Number(number) => match number.as_i64() {
            Some(integer) if (-LARGEST_INTEGER..=LARGEST_INTEGER).contains(&integer) => Ok(()),
            _ => Err(CanonicalError::Number),
        },
        Value::Array(items) => items.iter().try_for_each(whole),
        Value::Object(fields) => fields.values().try_for_each(whole),
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_sorted_and_spaces_gone() {
        assert_eq!(
            canonical(&json!({"b": [1, -2], "a": "é"})).unwrap(),
            "{\"a\":\"é\",\"b\":[1,-2]}".as_bytes()
        );
    }

    #[test]
    fn what_would_be_rounded_is_refused() {
        for value in [json!(9_007_199_254_740_992_i64), json!([1.5]), json!({"a": u64::MAX}), json!(1e3)] {
            assert!(canonical(&value).is_err(), "{value}");
        }
        assert!(canonical(&json!(-LARGEST_INTEGER)).is_ok());
    }
}
