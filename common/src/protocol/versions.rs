//! Which versions of messages and paths are accepted: this one and, once there is one, the one before it.

use serde::Deserialize;

use super::{draw, enrolment, release, signature};

/// The version of this program, as nodes send it with every call.
pub const SOFTWARE: &str = env!("CARGO_PKG_VERSION");
/// The header in which they send it.
pub const SOFTWARE_HEADER: &str = "tenfold-version";
/// The paths that are answered begin so.
pub const PATHS: &[&str] = &["/v1/"];

/// A message and the formats of it that are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The message's media type.
    pub media_type: &'static str,
    /// Its formats, newest first, at most two.
    pub formats: &'static [&'static str],
}

/// Releases.
pub const RELEASE: Accepted =
    Accepted { media_type: release::RELEASE_TYPE, formats: &[release::RELEASE_FORMAT] };
/// Requests for the right to draw.
pub const DRAW_REQUEST: Accepted =
    Accepted { media_type: draw::DRAW_REQUEST_TYPE, formats: &[draw::DRAW_REQUEST_FORMAT] };
/// Enrolment requests.
pub const ENROLMENT_REQUEST: Accepted =
    Accepted { media_type: enrolment::REQUEST_TYPE, formats: &[enrolment::REQUEST_FORMAT] };

/// Everything that nodes send.
pub const ACCEPTED: &[Accepted] = &[RELEASE, DRAW_REQUEST, ENROLMENT_REQUEST];

impl Accepted {
    /// What to tell the sender of a message in a format that is not accepted; nothing where it is, or names none.
    pub fn refusal(self, text: &str) -> Option<String> {
        #[derive(Deserialize)]
        struct Formatted {
            format: String,
        }
        let found = signature::peek::<Formatted>(text).ok()?.format;
        if self.formats.contains(&found.as_str()) {
            return None;
        }
        let (name, number) = parts(&found)?;
        let newest = self.formats.first().and_then(|newest| parts(newest))?;
        if name != newest.0 {
            return None;
        }
        let who = if number < newest.1 { "upgrade the node" } else { "the region has to be upgraded first" };
        Some(format!("expected the format {}, {found} came: {who}", self.formats.join(" or ")))
    }
}

/// What to tell the caller of a path of another version; nothing where the path is of none.
pub fn path_refusal(path: &str) -> Option<String> {
    let version = path.strip_prefix("/v")?.split('/').next()?;
    let is_number = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
    let is_accepted =
        PATHS.iter().any(|accepted| path.starts_with(accepted) || path == accepted.trim_end_matches('/'));
    (is_number && !is_accepted).then(|| {
        format!(
            "expected a path that begins with {}: upgrade the older of node and region",
            PATHS.join(" or ")
        )
    })
}

/// Name and number of a format such as `tenfold-release/1`.
fn parts(format: &str) -> Option<(&str, u32)> {
    let (name, number) = format.split_once('/')?;
    Some((name, number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_this_version_and_the_one_before_it_are_accepted() {
        for accepted in ACCEPTED {
            let formats: Vec<_> = accepted.formats.iter().map(|format| parts(format).unwrap()).collect();
            assert!((1..=2).contains(&formats.len()), "{accepted:?}");
            for (place, (name, number)) in formats.iter().enumerate() {
                assert_eq!((*name, *number), (formats[0].0, formats[0].1 - place as u32), "newest first");
            }
            let name = accepted.media_type.strip_suffix("+jws").unwrap();
            assert_eq!(name, formats[0].0);
        }
    }

    #[test]
    fn who_has_to_upgrade_is_said() {
        let key = signature::SigningKey::generate().unwrap();
        let of = |format: &str| {
            let message = std::collections::BTreeMap::from([("format", format), ("other", "field")]);
            RELEASE.refusal(&signature::sign(&message, RELEASE.media_type, &key).unwrap())
        };
        assert_eq!(of("tenfold-release/1"), None);
        let told = "expected the format tenfold-release/1, tenfold-release/0 came: upgrade the node";
        assert_eq!(of("tenfold-release/0").as_deref(), Some(told));
        assert!(of("tenfold-release/2").unwrap().ends_with("the region has to be upgraded first"));
        assert_eq!(of("tenfold-receipt/0"), None);
        assert_eq!(of("nonsense"), None);
        assert!(path_refusal("/v0/releases").is_some() && path_refusal("/v12/x").is_some());
        for path in ["/v1/releases", "/v1/nothing", "/", "/vx/releases", "/version"] {
            assert_eq!(path_refusal(path), None, "{path}");
        }
    }
}
