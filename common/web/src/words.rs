//! Numbers, days and moments in the words that pages use.

use chrono::NaiveDate;
use tenfold_common::{clock::Moment, statistics::Shown};

/// A whole number with commas and a true minus sign, such as `−1,234`.
pub fn whole(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let text = grouped(&digits);
    if value < 0.0 && digits != "0" { format!("−{text}") } else { text }
}

/// A count with commas, such as `1,234`.
pub fn count(value: u64) -> String {
    grouped(&value.to_string())
}

/// An amount of money in pounds and, where there are any, pence: `£1,234` or `£1,234.50`.
pub fn pounds(pence: i64) -> String {
    let sign = if pence < 0 { "−" } else { "" };
    let (pounds, pence) = (pence.unsigned_abs() / 100, pence.unsigned_abs() % 100);
    if pence == 0 {
        format!("{sign}£{}", count(pounds))
    } else {
        format!("{sign}£{}.{pence:02}", count(pounds))
    }
}

/// An interval in words, such as `1,200 to 1,270`.
pub fn interval(shown: &Shown) -> String {
    format!("{} to {}", whole(shown.low), whole(shown.high))
}

/// A share in per cent with one decimal, such as `34.2%`.
pub fn percent(share: f64) -> String {
    let text = format!("{:.1}%", (share * 100.0).abs());
    if share < 0.0 && text != "0.0%" { format!("−{text}") } else { text }
}

/// A share with its interval, such as `34.2% (31.0% to 37.5%)`.
pub fn share(shown: &Shown) -> String {
    format!("{} ({} to {})", percent(shown.value), percent(shown.low), percent(shown.high))
}

/// A day, such as `29 April 2016`.
pub fn day(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

/// A moment to the minute in UTC, such as `29 April 2016, 09:00`.
pub fn moment(moment: Moment) -> String {
    moment.naive().format("%-d %B %Y, %H:%M").to_string()
}

/// A day in a narrow column, such as `29 Apr 2016`.
pub fn short_day(day: NaiveDate) -> String {
    day.format("%-d %b %Y").to_string()
}

/// The time of a moment in UTC, such as `09:00`.
pub fn time(moment: Moment) -> String {
    moment.naive().format("%H:%M").to_string()
}

/// A number of things with its noun, such as `1 row` or `1,234 rows`.
pub fn counted(value: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(value), if value == 1 { one } else { many })
}

fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (value, text) in
            [(0.0, "0"), (-0.4, "0"), (999.6, "1,000"), (-1234.0, "−1,234"), (1_234_567.0, "1,234,567")]
        {
            assert_eq!(whole(value), text);
        }
        assert_eq!(percent(0.3424), "34.2%");
        assert_eq!((percent(-0.0001), percent(-0.02)), ("0.0%".to_owned(), "−2.0%".to_owned()));
        assert_eq!(pounds(180_000), "£1,800");
        assert_eq!(pounds(-105), "−£1.05");
        assert_eq!(counted(1, "row", "rows"), "1 row");
        assert_eq!(counted(1200, "row", "rows"), "1,200 rows");
    }

    #[test]
    fn days_and_moments_are_written_out() {
        assert_eq!(day("2016-04-09".parse().unwrap()), "9 April 2016");
        assert_eq!(moment("2016-04-29T09:00:00Z".parse().unwrap()), "29 April 2016, 09:00");
    }
}
