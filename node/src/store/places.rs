//! Which ward a property or a postcode lies in, by the borough's own dated file.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use tenfold_store::{AnyConnection, StoreError};

use super::schema::place;

/// The one spelling of a postcode: capitals without spaces; empty where it is none.
pub fn folded(postcode: &str) -> String {
    let text: String = postcode.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
    if (5..=7).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric()) {
        text
    } else {
        String::new()
    }
}

/// Replaces the places by those of a newer file; of a place that stands there twice the last counts.
///
/// # Errors
/// Where the database refuses.
pub fn replace(
    connection: &mut AnyConnection,
    places: &[(&str, String, String)],
    dated: NaiveDate,
) -> Result<(), StoreError> {
    diesel::delete(place::table).execute(connection)?;
    let last: HashMap<(&str, &str), &str> =
        places.iter().map(|(kind, value, ward)| ((*kind, value.as_str()), ward.as_str())).collect();
    let mut rows: Vec<(&(&str, &str), &&str)> = last.iter().collect();
    rows.sort_unstable();
    let rows: Vec<_> = rows
        .into_iter()
        .map(|((kind, value), ward)| {
            (place::kind.eq(*kind), place::value.eq(*value), place::ward.eq(*ward), place::dated.eq(dated))
        })
        .collect();
    super::bulk::insert!(connection, place::table, &rows);
    Ok(())
}

/// The wards of properties and postcodes.
#[derive(Debug, Default)]
pub struct Places {
    of_uprn: HashMap<String, String>,
    of_postcode: HashMap<String, String>,
}

impl Places {
    /// Reads the places.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn of(connection: &mut AnyConnection) -> Result<Self, StoreError> {
        let rows: Vec<(String, String, String)> =
            place::table.select((place::kind, place::value, place::ward)).load(connection)?;
        let mut places = Self::default();
        for (kind, value, ward) in rows {
            match kind.as_str() {
                "uprn" => places.of_uprn.insert(value, ward),
                _ => places.of_postcode.insert(value, ward),
            };
        }
        Ok(places)
    }

    /// The ward of a property, else of a postcode.
    pub fn ward(&self, uprn: Option<&str>, postcode: Option<&str>) -> Option<String> {
        let by_uprn = uprn.and_then(|uprn| self.of_uprn.get(uprn));
        by_uprn.or_else(|| self.of_postcode.get(&folded(postcode?))).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postcodes_have_one_spelling() {
        assert_eq!(folded(" bl1  1aa"), "BL11AA");
        assert_eq!(["not known", "", "BL1"].map(folded), [""; 3]);
    }
}
