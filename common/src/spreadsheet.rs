//! Cells of files that people open in a spreadsheet: none of them is ever run as a formula.

use std::borrow::Cow;

/// A cell that no spreadsheet takes for a formula: one that would be gets the mark `'` before it, which shows it
/// as text. A number with its sign stays a number.
pub fn cell(text: &str) -> Cow<'_, str> {
    let starts_one = match text.chars().next() {
        Some('=' | '@' | '\t' | '\r') => true,
        Some('+' | '-') => !text[1..].chars().all(|c| c.is_ascii_digit() || ".,% ".contains(c)),
        _ => false,
    };
    if starts_one { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_marked_and_nothing_else() {
        for text in ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "-=1", "\t=1", "\r=1", "- see letter"]
        {
            assert_eq!(cell(text), format!("'{text}"));
        }
        for text in ["", "-", "-5", "+0.5", "-1,000.25", "+44 161 496 0000", "1+1", "O'Neill", "'=1", "née"]
        {
            assert_eq!(cell(text), text);
        }
    }
}
