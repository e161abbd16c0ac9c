//! A row of history: a family attached before Tenfold, and the claim made for it then, whole or not at all.

use chrono::NaiveDate;

use super::Row;
use crate::intake::{
    fault::FaultKind,
    field::Field,
    record::{ClaimRow, HistoryRow, Record},
};

/// The cells without which a claim says too little.
const OF_A_CLAIM: [Field; 5] =
    [Field::ClaimReference, Field::ResultKind, Field::ClaimedOn, Field::Amount, Field::ClaimState];

impl Row<'_> {
    pub(super) fn history(&mut self) -> Option<Record> {
        let person = self.who();
        self.somebody(&person, "an identifier, or forename, surname and date of birth");
        let carer = self.carer();
        let address = self.address();
        let needs = self.needs();
        let framework = self.code(Field::Framework);
        let attached = self.date(Field::AttachedOn);
        let claim = self.claim(attached);
        let (framework, attached) = (framework?.to_owned(), attached?);
        Some(Record::History(Box::new(HistoryRow {
            family_id: self.case_number(Field::FamilyId),
            person,
            carer,
            address,
            programme: self.owned(Field::Programme).unwrap_or_else(|| framework.clone()),
            framework,
            attached,
            needs,
            claim,
        })))
    }

    /// The claim of a row; a row that fills only some of its cells has a fault for each of the others.
    fn claim(&mut self, attached: Option<NaiveDate>) -> Option<ClaimRow> {
        let of_a_claim = OF_A_CLAIM.into_iter().chain([Field::ClaimWindow, Field::DocumentHash]);
        if of_a_claim.clone().all(|field| self.text(field).is_none()) {
            return None;
        }
        for field in OF_A_CLAIM {
            if self.text(field).is_none() {
                self.fault(field, FaultKind::Blank);
            }
        }
        let reference = self.owned(Field::ClaimReference);
        let kind = self.code(Field::ResultKind).and_then(|word| word.parse().ok());
        let on = self.date(Field::ClaimedOn);
        if let (Some(attached), Some(on)) = (attached, on)
            && on < attached
        {
            let (from, to) = (attached.to_string(), on.to_string());
            self.fault(Field::ClaimedOn, FaultKind::EndsFirst { from, to });
        }
        let pence = self.pounds(Field::Amount);
        let state = self.code(Field::ClaimState).and_then(|word| word.parse().ok());
        let sha256 = self.sha256(Field::DocumentHash);
        Some(ClaimRow {
            reference: reference?,
            kind: kind?,
            on: on?,
            window: self.owned(Field::ClaimWindow),
            pence: pence?,
            state: state?,
            sha256,
        })
    }

    /// Pounds as people write them, in pence: `800`, `£1,200.50`.
    fn pounds(&mut self, field: Field) -> Option<i64> {
        let text = self.text(field)?;
        let pence = pence(text);
        if pence.is_none() {
            self.fault(field, FaultKind::NotPounds { found: text.to_owned() });
        }
        pence
    }

    fn sha256(&mut self, field: Field) -> Option<String> {
        let text = self.text(field)?;
        let is_hash = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_hash {
            let reason = "no SHA-256, which has 64 hexadecimal digits".to_owned();
            self.fault(field, FaultKind::BadIdentifier { found: text.to_owned(), reason });
        }
        is_hash.then(|| text.to_ascii_lowercase())
    }
}

/// No more than any framework pays for a family a hundred times over.
const MOST_POUNDS: i64 = 1_000_000;

fn pence(text: &str) -> Option<i64> {
    let text = text.strip_prefix('£').unwrap_or(text).trim();
    let (pounds, pence) = text.split_once('.').unwrap_or((text, "00"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = pounds.split(',');
    let first = groups.next().filter(|first| digits(first))?;
    let mut whole = first.to_owned();
    for group in groups {
        if first.len() > 3 || group.len() != 3 || !digits(group) {
            return None;
        }
        whole += group;
    }
    // A spreadsheet drops the last nought: 12.5 is twelve pounds fifty.
    let pence = match (pence.len(), digits(pence)) {
        (1, true) => pence.parse::<i64>().ok()? * 10,
        (2, true) => pence.parse().ok()?,
        _ => return None,
    };
    let pounds = whole.parse::<i64>().ok().filter(|pounds| *pounds <= MOST_POUNDS)?;
    Some(pounds * 100 + pence)
}

#[cfg(test)]
mod tests {
    use super::pence;

    #[test]
    fn pounds_are_read_to_the_penny_or_not_at_all() {
        let cases = [
            ("800", Some(80_000)),
            ("£1,200.50", Some(120_050)),
            ("12.5", Some(1_250)),
            ("0", Some(0)),
            ("£ 700.00", Some(70_000)),
            ("1,000,000", Some(100_000_000)),
            ("1,000,001", None),
            ("99999999999999999999", None),
            ("-800", None),
            ("800.005", None),
            ("800.", None),
            ("12,00", None),
            ("1200,500", None),
            ("eight", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(pence(text), expected, "{text:?}");
        }
    }
}
