//! Identifiers that come with a person's records, each with the check its issuer built into it.
//!
//! None of them is printable by accident: `Debug` names the type only.

use std::{fmt, str::FromStr};

/// Up to so many letters and digits, held in place: a register has them by the hundred thousand.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Ascii<const MOST: usize> {
    letters: [u8; MOST],
    length: u8,
}

impl<const MOST: usize> Ascii<MOST> {
    fn of(text: &str) -> Option<Self> {
        let mut letters = [0; MOST];
        letters.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        text.is_ascii().then_some(Self { letters, length: u8::try_from(text.len()).ok()? })
    }

    fn as_str(&self) -> &str {
        str::from_utf8(&self.letters[..usize::from(self.length)]).expect("only ASCII is taken")
    }
}

macro_rules! identifier {
    ($(#[$meta:meta])* $name:ident, $most:literal, $error:ident, $message:literal) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Ascii<$most>);

        impl $name {
            /// The identifier in its one spelling, for the register's own tables.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }

        #[doc = concat!("The text is no [`", stringify!($name), "`]; the text itself is not repeated.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
        #[error($message)]
        pub struct $error;
    };
}

identifier!(
    /// An NHS number: ten digits, the last a check digit.
    ///
    /// # Source
    /// NHS Data Model and Dictionary, *NHS number*: modulus 11 with the weights 10 to 2.
    NhsNumber,
    10,
    NotAnNhsNumber,
    "not an NHS number, expected ten digits of which the last checks the others"
);
identifier!(
    /// A unique pupil number: a check letter, eleven digits, and a digit or (for a temporary one) a letter.
    ///
    /// # Source
    /// Department for Education, *Unique pupil numbers* guide: modulus 23 with the weights 2 to 13.
    Upn,
    13,
    NotAUpn,
    "not a unique pupil number, expected a check letter and twelve digits (or eleven and a letter)"
);
identifier!(
    /// A National Insurance number: two letters and six digits; the suffix letter is not kept.
    ///
    /// Extracts often lack the suffix, so two texts that differ only in it are the same number.
    NiNumber,
    8,
    NotANiNumber,
    "not a National Insurance number, expected two letters, six digits and a letter from A to D"
);
identifier!(
    /// A unique property reference number: up to twelve digits, without leading zeros.
    Uprn,
    12,
    NotAUprn,
    "not a property reference (UPRN), expected up to twelve digits"
);

/// The check letters of a UPN by remainder; I, O and S are left out.
const UPN_LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPQRTUVWXYZ";

impl FromStr for NhsNumber {
    type Err = NotAnNhsNumber;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = compact(text);
        let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
        if text.len() != 10 || digits.len() != 10 {
            return Err(NotAnNhsNumber);
        }
        let sum: u32 = digits[..9].iter().zip((2..=10).rev()).map(|(d, w)| d * w).sum();
        // A remainder of one would need the check digit ten: no such number is issued.
        if (11 - sum % 11) % 11 == digits[9] {
            Ascii::of(&text).map(Self).ok_or(NotAnNhsNumber)
        } else {
            Err(NotAnNhsNumber)
        }
    }
}

impl FromStr for Upn {
    type Err = NotAUpn;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = compact(text);
        let [letter, rest @ ..] = text.as_bytes() else {
            return Err(NotAUpn);
        };
        if rest.len() != 12 || !rest[..11].iter().all(u8::is_ascii_digit) {
            return Err(NotAUpn);
        }
        let mut sum = 0;
        for (byte, weight) in rest.iter().zip(2..) {
            let value = if byte.is_ascii_digit() {
                usize::from(byte - b'0')
            } else {
                UPN_LETTERS.iter().position(|l| l == byte).ok_or(NotAUpn)?
            };
            sum += value * weight;
        }
        if UPN_LETTERS[sum % 23] == *letter {
            Ascii::of(&text).map(Self).ok_or(NotAUpn)
        } else {
            Err(NotAUpn)
        }
    }
}

impl FromStr for NiNumber {
    type Err = NotANiNumber;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = compact(text);
        let bytes = text.as_bytes();
        let suffix_fits = match bytes.len() {
            8 => true,
            9 => (b'A'..=b'D').contains(&bytes[8]),
            _ => false,
        };
        let fits = suffix_fits
            && bytes[..2].iter().all(u8::is_ascii_uppercase)
            && bytes[2..8].iter().all(u8::is_ascii_digit);
        if fits { Ascii::of(&text[..8]).map(Self).ok_or(NotANiNumber) } else { Err(NotANiNumber) }
    }
}

impl FromStr for Uprn {
    type Err = NotAUprn;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = compact(text);
        let digits = text.trim_start_matches('0');
        if (1..=12).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
            Ascii::of(digits).map(Self).ok_or(NotAUprn)
        } else {
            Err(NotAUprn)
        }
    }
}

/// Whether a text stands where an identifier should be and says that there is none.
pub fn is_placeholder_identifier(text: &str) -> bool {
    let text = compact(text);
    let mut bytes = text.bytes();
    let all_one_digit = bytes.next().is_none_or(|first| first.is_ascii_digit() && bytes.all(|b| b == first));
    all_one_digit || ["NA", "N/A", "NONE", "NULL", "TBC", "NFA"].contains(&text.as_str())
}

/// Upper case without spaces and hyphens: people write 943 476 5919 and QQ 12 34 56 C.
fn compact(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_nhs_number_is_checked_by_its_last_digit() {
        assert_eq!("943 476 5919".parse::<NhsNumber>().unwrap().as_str(), "9434765919");
        for wrong in ["9434765918", "943476591", "94347659190", "943476591X", "", "９434765919"] {
            assert_eq!(wrong.parse::<NhsNumber>(), Err(NotAnNhsNumber), "{wrong}");
        }
        let fitting = (0..10).filter(|d| format!("999000123{d}").parse::<NhsNumber>().is_ok());
        assert!(fitting.count() <= 1);
    }

    #[test]
    fn a_upn_is_checked_by_its_first_letter() {
        // Whatever the digits, exactly one letter fits.
        for rest in ["823432100001", "000000000000", "35012345678A"] {
            let fitting: Vec<char> =
                ('A'..='Z').filter(|letter| format!("{letter}{rest}").parse::<Upn>().is_ok()).collect();
            assert_eq!(fitting.len(), 1, "{rest}");
        }
        // All zeros but one: 1 × 2 = 2, and the third letter of the list is C.
        assert!("C100000000000".parse::<Upn>().is_ok());
        assert!("c1000-0000 0000".parse::<Upn>().is_ok());
        for wrong in ["D100000000000", "C10000000000", "I100000000000", "C1000000000000", ""] {
            assert_eq!(wrong.parse::<Upn>(), Err(NotAUpn), "{wrong}");
        }
    }

    #[test]
    fn a_national_insurance_number_is_known_by_its_shape() {
        let whole: NiNumber = "QQ 12 34 56 C".parse().unwrap();
        assert_eq!(whole, "qq123456".parse().unwrap());
        for wrong in ["QQ123456E", "Q1123456C", "QQ12345C", "", "ÉQ123456"] {
            assert_eq!(wrong.parse::<NiNumber>(), Err(NotANiNumber), "{wrong}");
        }
    }

    #[test]
    fn placeholders_are_no_identifiers() {
        for text in ["", "0000000000", "999 999 9999", "n/a", "None", "0"] {
            assert!(is_placeholder_identifier(text), "{text}");
        }
        for text in ["9434765919", "A100000000000", "100012345678"] {
            assert!(!is_placeholder_identifier(text), "{text}");
        }
        assert!("100012345678".parse::<Uprn>().is_ok());
        assert_eq!("00123".parse::<Uprn>().unwrap().as_str(), "123");
        assert!("12 High Street".parse::<Uprn>().is_err());
    }
}
