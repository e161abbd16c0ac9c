//! People who do not exist: names from syllables, identifiers with sound check digits in test ranges.

use chrono::NaiveDate;

const STARTS: &[&str] = &[
    "Ack", "Ald", "Ash", "Bark", "Birch", "Black", "Brad", "Bram", "Brock", "Burn", "Cald", "Carl", "Clay",
    "Clif", "Cole", "Crom", "Dal", "Den", "Dob", "Dun", "Eck", "Elm", "Fair", "Far", "Fern", "Gar", "Glen",
    "Grim", "Had", "Hal", "Hart", "Haw", "Hazel", "Heath", "Hol", "Hors", "Ing", "Kel", "Kirk", "Lang", "Lind",
    "Lock", "Mar", "Mel", "Mid", "Mor", "New", "Nor", "Oak", "Old", "Pem", "Pen", "Quar", "Rad", "Rams",
];
const MIDDLES: &[&str] = &["", "er", "en", "ing", "le", "s", "a", "o", "i", "ar"];
const ENDS: &[&str] = &[
    "bank", "bridge", "brook", "burgh", "by", "croft", "dale", "den", "field", "ford", "gate", "grove", "ham",
    "hill", "holm", "hurst", "land", "ley", "low", "man", "mere", "moor", "more", "ridge", "shaw", "side",
    "stead", "stone", "ton", "wall", "ward", "well", "wick", "wood", "worth", "yard",
];
const GIRLS: &[&str] = &[
    "Aisha", "Amelia", "Bethany", "Chloe", "Demi", "Ella", "Freya", "Grace", "Hana", "Imogen", "Jade", "Keira",
    "Lily", "Maryam", "Niamh", "Olivia", "Poppy", "Ruby", "Sofia", "Zara",
];
const BOYS: &[&str] = &[
    "Adam", "Ben", "Callum", "Daniel", "Ethan", "Finley", "George", "Harry", "Ibrahim", "Jack", "Kai", "Liam",
    "Mohammed", "Noah", "Oscar", "Reece", "Samuel", "Tyler", "William", "Yusuf",
];
const WOMEN: &[&str] = &[
    "Amanda", "Bernadette", "Claire", "Donna", "Emma", "Farah", "Gemma", "Helen", "Janet", "Karen", "Lisa",
    "Michelle", "Nicola", "Rachel", "Samina", "Tracey",
];
const MEN: &[&str] = &[
    "Andrew", "Barry", "Craig", "David", "Gary", "Hassan", "Ian", "John", "Kevin", "Lee", "Mark", "Paul",
    "Rashid", "Stephen", "Tariq", "Wayne",
];

/// A person of the generator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Invented {
    pub(super) forename: &'static str,
    pub(super) surname: String,
    pub(super) born: NaiveDate,
    pub(super) female: bool,
    pub(super) nhs_number: String,
    pub(super) upn: String,
    pub(super) ni_number: String,
    pub(super) case_id: String,
}

/// A surname that no other number has.
pub(super) fn surname(number: usize) -> String {
    let (start, rest) = (number % STARTS.len(), number / STARTS.len());
    let (end, rest) = (rest % ENDS.len(), rest / ENDS.len());
    let (middle, rest) = (rest % MIDDLES.len(), rest / MIDDLES.len());
    let name = format!("{}{}{}", STARTS[start], MIDDLES[middle], ENDS[end]);
    // Beyond some 20,000 families the names are doubled, as some families' are.
    if rest == 0 { name } else { format!("{name}-{}", surname(rest - 1)) }
}

/// A forename that differs within a family for different `place`s.
pub(super) fn forename(adult: bool, female: bool, draw: usize, place: usize) -> &'static str {
    let names = match (adult, female) {
        (false, true) => GIRLS,
        (false, false) => BOYS,
        (true, true) => WOMEN,
        (true, false) => MEN,
    };
    names[(draw + place) % names.len()]
}

/// The n-th NHS number, in the range that begins with 999.
pub(super) fn nhs_number(number: usize) -> String {
    // No number has the check digit ten; of two neighbouring bodies at most one would need it.
    let valid = [0, 1].into_iter().find_map(|last| {
        let digits = format!("999{number:05}{last}");
        let sum: usize = digits.bytes().zip((2..=10).rev()).map(|(b, w)| usize::from(b - b'0') * w).sum();
        let check = (11 - sum % 11) % 11;
        (check < 10).then(|| format!("{digits}{check}"))
    });
    valid.expect("the check digits of 0 and 1 at the end differ by two, so one of them is below ten")
}

/// The n-th UPN of a borough, by its Department for Education number.
pub(super) fn upn(dfe_code: &str, number: usize) -> String {
    let digits = format!("{dfe_code}{:04}15{:03}", 2000 + number / 1000, number % 1000);
    let sum: usize = digits.bytes().zip(2..).map(|(b, w)| usize::from(b - b'0') * w).sum();
    let letter = b"ABCDEFGHJKLMNPQRTUVWXYZ"[sum % 23];
    format!("{}{digits}", letter as char)
}

/// The n-th National Insurance number, with a prefix that is never issued.
pub(super) fn ni_number(number: usize) -> String {
    format!("QQ{number:06}{}", ["A", "B", "C", "D"][number % 4])
}
