//! Where rows say that people live, for weighing; a withheld address is none.

use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl};
use tenfold_store::{AnyConnection, StoreError};

use super::schema::{assessment, housing_spell};
use crate::register::{linkage::Place, settle::MentionNumber};

/// Every place with the mention that lives there, as assessments and housing say.
///
/// # Errors
/// Where the database cannot be read.
pub fn places(connection: &mut AnyConnection) -> Result<Vec<(MentionNumber, Place)>, StoreError> {
    type Assessed = (i64, Option<i64>, Option<String>, Option<String>);
    let mut found = Vec::new();
    let rows = assessment::table
        .select((assessment::child, assessment::carer, assessment::uprn, assessment::postcode))
        .load_iter::<Assessed, _>(connection)?;
    for row in rows {
        let (child, carer, property, postcode) = row?;
        let place = Place { property, postcode };
        found.extend(carer.map(|carer| (carer, place.clone())));
        found.push((child, place));
    }
    type Housed = (i64, Option<String>, Option<String>);
    let rows = housing_spell::table
        .filter(housing_spell::uprn.is_not_null().or(housing_spell::postcode.is_not_null()))
        .select((housing_spell::person, housing_spell::uprn, housing_spell::postcode))
        .load_iter::<Housed, _>(connection)?;
    for row in rows {
        let (person, property, postcode) = row?;
        found.push((person, Place { property, postcode }));
    }
    found.retain(|(_, place)| *place != Place::default());
    found.sort_unstable();
    found.dedup();
    Ok(found)
}
