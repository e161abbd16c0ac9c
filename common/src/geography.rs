//! Boroughs and wards by their GSS codes, and the one dated boundary set that ships.

use std::{fmt, str::FromStr, sync::LazyLock};

use serde::{Deserialize, Serialize};

/// Why a text is not a code.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum GeographyError {
    /// Not a GSS code of the expected kind.
    #[error("{text:?} is not a GSS {kind} code, expected {prefix} and six digits")]
    NotACode {
        /// What was given.
        text: String,
        /// `borough` or `ward`.
        kind: &'static str,
        /// The three characters such a code begins with.
        prefix: &'static str,
    },
}

macro_rules! gss_code {
    ($(#[$meta:meta])* $name:ident, $kind:literal, $prefix:literal) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(into = "String", try_from = "String")]
        #[schemars(extend("pattern" = concat!("^", $prefix, "[0-9]{6}$")))]
        pub struct $name(String);

        impl $name {
            /// The code as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = GeographyError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let digits = text.strip_prefix($prefix);
                if digits.is_some_and(|d| d.len() == 6 && d.bytes().all(|b| b.is_ascii_digit())) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(GeographyError::NotACode { text: text.to_owned(), kind: $kind, prefix: $prefix })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = GeographyError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> Self {
                code.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

gss_code!(
    /// A metropolitan borough by its GSS code, such as `E08000001`.
    BoroughCode,
    "borough",
    "E08"
);
gss_code!(
    /// An electoral ward by its GSS code, such as `E05014818`.
    WardCode,
    "ward",
    "E05"
);

/// A borough of the region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Borough {
    /// Its GSS code.
    pub code: BoroughCode,
    /// Its name.
    pub name: String,
    /// Its three-digit Department for Education number.
    pub dfe_code: String,
    /// Its wards in the shipped boundary set, in the order of their codes.
    pub wards: Vec<Ward>,
}

/// A ward of the shipped boundary set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ward {
    /// Its GSS code.
    pub code: WardCode,
    /// Its name, unique only within a borough.
    pub name: String,
}

/// The shipped boundary set: wards as at May 2023.
pub const BOUNDARY_SET: &str = "wards as at May 2023";

/// The combined authority's GSS code and name, for the region's own rows.
pub const REGION_CODE: &str = "E47000001";
/// The region's name.
pub const REGION_NAME: &str = "Greater Manchester";

static BOROUGHS: LazyLock<Vec<Borough>> = LazyLock::new(read_boroughs);

/// The ten boroughs in alphabetical order, which is also the order of their codes.
///
/// # Source
/// `config/geography/boroughs.csv` and `wards_2023.csv`; each row names its source.
pub fn boroughs() -> &'static [Borough] {
    &BOROUGHS
}

/// The borough with a code, if it is one of the ten.
pub fn borough(code: &BoroughCode) -> Option<&'static Borough> {
    boroughs().iter().find(|borough| &borough.code == code)
}

fn read_boroughs() -> Vec<Borough> {
    let mut wards = csv::Reader::from_reader(&include_bytes!("../../config/geography/wards_2023.csv")[..]);
    let wards: Vec<csv::StringRecord> =
        wards.records().collect::<Result<_, _>>().expect("the embedded ward list is well-formed CSV");
    let mut rows = csv::Reader::from_reader(&include_bytes!("../../config/geography/boroughs.csv")[..]);
    let rows: Vec<csv::StringRecord> =
        rows.records().collect::<Result<_, _>>().expect("the embedded borough list is well-formed CSV");
    rows.iter()
        .filter_map(|row| {
            let code: BoroughCode = row[1].parse().ok()?;
            let wards = wards
                .iter()
                .filter(|ward| ward[0] == code.0)
                .map(|ward| Ward {
                    code: ward[2].parse().expect("the embedded ward list holds ward codes"),
                    name: ward[3].to_owned(),
                })
                .collect();
            Some(Borough { code, name: row[0].to_owned(), dfe_code: row[2].to_owned(), wards })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_boroughs_and_215_wards() {
        let sizes: Vec<usize> = boroughs().iter().map(|b| b.wards.len()).collect();
        assert_eq!(sizes, [20, 17, 32, 20, 20, 20, 21, 19, 21, 25]);
        assert_eq!(sizes.iter().sum::<usize>(), 215);
        assert!(boroughs().windows(2).all(|p| p[0].name < p[1].name && p[0].code < p[1].code));
    }

    #[test]
    fn a_code_is_matched_whole() {
        assert!("E08000001".parse::<BoroughCode>().is_ok());
        for text in ["E0800001", "E080000011", "E05014818", "e08000001", "XE08000001", "E08-00001"] {
            assert!(text.parse::<BoroughCode>().is_err(), "{text}");
        }
    }
}
