//! Rows of history on their way in.

use chrono::NaiveDate;

use super::{Mentions, Rows};
use crate::{
    intake::record::{Address, ClaimRow, HistoryRow},
    register::identifiers::Uprn,
    store::schema::history,
};

#[derive(diesel::Insertable)]
#[diesel(table_name = history, treat_none_as_default_value = false)]
pub(super) struct NewHistory {
    load: i64,
    line: i64,
    person: i64,
    carer: Option<i64>,
    family_ref: Option<String>,
    framework: String,
    programme: String,
    attached_on: NaiveDate,
    needs: String,
    postcode: Option<String>,
    uprn: Option<String>,
    ward: Option<String>,
    reference: Option<String>,
    kind: Option<&'static str>,
    claimed_on: Option<NaiveDate>,
    claimed_in: Option<String>,
    pence: Option<i64>,
    state: Option<&'static str>,
    sha256: Option<String>,
}

impl Rows {
    pub(super) fn history(&mut self, mentions: &mut Mentions, load: i64, line: i64, row: HistoryRow) -> i64 {
        let person = mentions.number(&row.person, "");
        // A carer of whom only the name is known is that person's carer and nobody else's.
        let carer = row.carer.map(|carer| {
            let own = carer.is_name_only().then(|| row.person.identity("").to_string());
            mentions.number(&carer, &own.unwrap_or_default())
        });
        if let Some(carer) = carer {
            self.spoken_of.entry(carer).or_default();
        }
        let Address { postcode, uprn, ward, .. } = row.address;
        let (uprn, ward) = (uprn.as_ref().map(Uprn::as_str).map(str::to_owned), ward.map(|w| w.to_string()));
        let family_ref = self.family_ref(row.family_id);
        let claim = row.claim.as_ref();
        self.history.push(NewHistory {
            load,
            line,
            person,
            carer,
            family_ref,
            framework: row.framework,
            programme: row.programme,
            attached_on: row.attached,
            // Numbers and flags: it cannot fail to be written.
            needs: serde_json::to_string(&row.needs).unwrap_or_default(),
            postcode,
            uprn,
            ward,
            kind: claim.map(|claim| claim.kind.as_str()),
            claimed_on: claim.map(|claim| claim.on),
            pence: claim.map(|claim| claim.pence),
            state: claim.map(|claim| claim.state.as_str()),
            reference: claim.map(|claim| claim.reference.clone()),
            claimed_in: claim.and_then(|claim| claim.window.clone()),
            sha256: row.claim.and_then(|ClaimRow { sha256, .. }| sha256),
        });
        person
    }
}
