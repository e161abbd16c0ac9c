//! One row of cells into one typed record, with every fault of the row at once.

mod cells;
mod history;
mod plan;
mod queries;

use std::collections::BTreeMap;

use chrono::NaiveDate;
pub(crate) use plan::Plan;
use plan::Position;

use crate::{
    intake::{
        fault::FaultKind,
        field::{Field, SLOTS},
        recognise::folded,
        record::{
            Address, AnswerRow, AssessmentRow, CareRow, CircumstanceRow, EpisodeRow, HousingRow, IncidentRow,
            Record, SessionsRow, SpellKind, SpellRow,
        },
        summary::Tally,
    },
    register::{
        AssessmentKind, CareKind, CircumstanceKind, Days, HousingKind, IncidentKind, ProblemNumber,
        SourceKind,
        matching::{CaseId, Who},
    },
};

type Faults = Vec<(Option<Field>, FaultKind)>;

/// Questions that a good row raises: the field, the rule and the words.
pub(crate) type Questions = Vec<(Option<Field>, &'static str, String)>;

/// A row under reading: faults gather while fields are asked for.
pub(crate) struct Row<'a> {
    plan: &'a Plan<'a>,
    cells: &'a csv::StringRecord,
    /// What stands in each field's cell, trimmed; nothing where it is blank.
    values: [Option<&'a str>; SLOTS],
    tally: &'a mut Tally,
    faults: Faults,
    queries: Questions,
}

impl<'a> Row<'a> {
    pub(crate) fn new(plan: &'a Plan<'a>, cells: &'a csv::StringRecord, tally: &'a mut Tally) -> Self {
        Self { plan, cells, values: [None; SLOTS], tally, faults: Vec::new(), queries: Vec::new() }
    }

    /// The record, or everything that is wrong with the row.
    pub(crate) fn read(mut self, expected: usize) -> Result<(Record, Questions), Faults> {
        let found = self.cells.len();
        if found != expected {
            return Err(vec![(None, FaultKind::Cells { found, expected })]);
        }
        let mut filled = 0;
        for column in &self.plan.columns {
            let text = self.cells.get(column.at).and_then(cells::filled);
            match text {
                Some(text) => {
                    filled += 1;
                    self.tally.filled(column.slot, text);
                    match cells::spoilt(text) {
                        Some(kind) => self.fault(column.field, kind),
                        None => self.values[column.slot] = Some(text),
                    }
                }
                None if column.required => self.fault(column.field, FaultKind::Blank),
                None => {}
            }
        }
        let record = match self.plan.mapping.kind {
            SourceKind::EarlyHelp => self.assessment(),
            SourceKind::SchoolSessions => self.sessions(),
            SourceKind::Police => self.incident(),
            _ if self.plan.mapping.is_answer() => self.answer(),
            SourceKind::Dwp => self.spell(),
            SourceKind::SocialCare => self.care(),
            SourceKind::Episodes => self.episode(),
            SourceKind::Housing => self.housing(),
            SourceKind::Circumstances => self.circumstance(),
            SourceKind::History => self.history(),
        };
        match record {
            Some(record) if self.faults.is_empty() => {
                queries::ask(&mut self, &record);
                Ok((record, self.queries))
            }
            _ => {
                if let Some(kind) = self.no_record(filled) {
                    return Err(vec![(None, kind)]);
                }
                // In the order of the columns, whatever the order in which fields were asked for.
                let columns = &self.plan.mapping.columns;
                let place = |field: Option<Field>| columns.iter().position(|c| Some(c.field) == field);
                self.faults.sort_by_key(|(field, _)| place(*field));
                Err(self.faults)
            }
        }
    }

    /// Why a row that cannot be read was never meant to be a record.
    fn no_record(&self, filled: usize) -> Option<FaultKind> {
        let columns = &self.plan.columns;
        let text = |column: &Position| self.cells.get(column.at).map(str::trim).unwrap_or_default();
        let heads = columns.iter().filter(|column| {
            self.plan
                .mapping
                .heading(column.field)
                .is_some_and(|heading| folded(heading) == folded(text(column)))
        });
        if heads.count() == columns.len() {
            Some(FaultKind::HeadingsAgain)
        } else if self
            .cells
            .iter()
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
            .take(3)
            .any(cells::is_total)
        {
            Some(FaultKind::Total)
        } else if filled <= 1 && columns.len() > 3 {
            Some(FaultKind::Stray)
        } else {
            None
        }
    }

    fn assessment(&mut self) -> Option<Record> {
        let child = self.who();
        let carer = self.carer();
        let address = self.address();
        let kind = self.code(Field::AssessmentKind).map(|word| match word {
            "review" => AssessmentKind::Review,
            _ => AssessmentKind::Initial,
        });
        let span = self.span();
        let key_worker = self.owned(Field::KeyWorker);
        let key_worker_from = self.date(Field::KeyWorkerFrom).filter(|_| key_worker.is_some());
        let needs = self.needs();
        let whole_family = self.code(Field::WholeFamily).map(|word| word == "yes");
        let plan_made = self.date(Field::PlanMade);
        // What the mapping does not name is another source than those it does: no reason to refuse the row.
        let referral_source = self.word(Field::ReferralSource).map(|word| word.unwrap_or("other").to_owned());
        let (started, completed) = span?;
        Some(Record::Assessment(Box::new(AssessmentRow {
            reference: self.owned(Field::Reference)?,
            family_id: self.case_number(Field::FamilyId),
            child,
            carer,
            address,
            kind: kind?,
            started,
            completed,
            whole_family,
            plan_made,
            key_worker,
            key_worker_from,
            needs,
            referral_source,
        })))
    }

    fn sessions(&mut self) -> Option<Record> {
        let pupil = self.who();
        self.somebody(&pupil, "a UPN, or forename, surname and date of birth");
        let span = self.span();
        let possible = self.number(Field::SessionsPossible);
        let sessions = self.number(Field::Sessions);
        let word = self.code(Field::SessionCode);
        if let (Some(possible), Some(sessions)) = (possible, sessions)
            && sessions > possible
        {
            self.fault(Field::Sessions, FaultKind::TooManySessions { sessions, possible });
        }
        let (from, to) = span?;
        Some(Record::Sessions(SessionsRow {
            pupil,
            term: self.owned(Field::Term),
            days: Days { from, to: to? },
            possible: possible?,
            code: self.owned(Field::SessionCode)?,
            is_absence: word? != "present",
            is_authorised: word? == "authorised",
            sessions: sessions?,
        }))
    }

    fn incident(&mut self) -> Option<Record> {
        let person = self.who();
        let on = self.date(Field::On);
        let kind = self.code(Field::IncidentKind).map(|word| match word {
            "anti-social-behaviour" => IncidentKind::AntiSocialBehaviour,
            "domestic-abuse" => IncidentKind::DomesticAbuse,
            _ => IncidentKind::Offence,
        });
        Some(Record::Incident(IncidentRow {
            reference: self.owned(Field::Reference)?,
            on: on?,
            kind: kind?,
            person,
        }))
    }

    fn spell(&mut self) -> Option<Record> {
        let person = self.who();
        self.somebody(&person, "an NI number, or forename, surname and date of birth");
        let span = self.span();
        let kind = self.code(Field::SpellKind).map(|word| match word {
            "job" => SpellKind::Job,
            _ => SpellKind::Benefit,
        });
        let (from, to) = span?;
        Some(Record::Spell(SpellRow {
            person,
            kind: kind?,
            description: self.owned(Field::Description).unwrap_or_default(),
            from,
            to,
        }))
    }

    /// Found or not, and what was found. A blank answer is a fault like any other blank, never a no.
    fn answer(&mut self) -> Option<Record> {
        let person = self.who();
        self.somebody(&person, "an NI number, or forename, surname and date of birth");
        let span = self.span();
        let word = self.code(Field::Answer)?;
        let kind = match word {
            "benefit" => Some(SpellKind::Benefit),
            "job" => Some(SpellKind::Job),
            _ => None,
        };
        let mut spell = None;
        if let Some(kind) = kind {
            // A spell without its first day says nothing.
            if self.text(Field::From).is_none() {
                self.fault(Field::From, FaultKind::Blank);
            }
            let (from, to) = span?;
            let description = self.owned(Field::Description).unwrap_or_default();
            spell = Some(SpellRow { person: person.clone(), kind, description, from, to });
        }
        let (source, asked) = (self.plan.mapping.kind, self.plan.context.covers);
        let traced = word != "not-traced";
        Some(Record::Answer(Box::new(AnswerRow { person, source, asked, traced, spell })))
    }

    fn care(&mut self) -> Option<Record> {
        let child = self.who();
        self.somebody(&child, "the system's id of the child, an NHS number, or name and date of birth");
        let span = self.span();
        let kind = self.code(Field::CareKind).map(|word| match word {
            "protection-plan" => CareKind::ProtectionPlan,
            "looked-after" => CareKind::LookedAfter,
            _ => CareKind::InNeed,
        });
        let (from, to) = span?;
        Some(Record::Care(CareRow { child, kind: kind?, from, to }))
    }

    fn episode(&mut self) -> Option<Record> {
        let child = self.who();
        let span = self.span();
        let received_from = self.identifier(Field::ReceivedFrom);
        let (opened, closed) = span?;
        Some(Record::Episode(EpisodeRow {
            reference: self.owned(Field::Reference)?,
            family_id: self.case_number(Field::FamilyId),
            child,
            opened,
            closed,
            reason: self.owned(Field::Reason),
            received_from,
        }))
    }

    fn housing(&mut self) -> Option<Record> {
        let person = self.who();
        let address = self.address();
        let span = self.span();
        let kind = self.code(Field::HousingKind).and_then(HousingKind::from_word);
        let (from, to) = span?;
        Some(Record::Housing(Box::new(HousingRow { person, address, kind: kind?, from, to })))
    }

    fn circumstance(&mut self) -> Option<Record> {
        let person = self.who();
        self.somebody(&person, "an identifier, or forename, surname and date of birth");
        let span = self.span();
        let kind = self.code(Field::Circumstance).and_then(CircumstanceKind::from_word);
        let source = self.code(Field::AskedSource).and_then(SourceKind::from_word);
        let is_not_traced = kind == Some(CircumstanceKind::NotTraced);
        // Not traced by whom: without it the row says nothing.
        if is_not_traced && self.text(Field::AskedSource).is_none() {
            self.fault(Field::AskedSource, FaultKind::Blank);
        }
        let source = source.filter(|_| is_not_traced);
        let (from, to) = span?;
        Some(Record::Circumstance(CircumstanceRow { person, kind: kind?, source, from, to }))
    }

    fn needs(&mut self) -> BTreeMap<ProblemNumber, bool> {
        let mut needs = BTreeMap::new();
        for column in &self.plan.columns {
            if let Field::Need(number) = column.field
                && let Some(word) = self.code(column.field)
            {
                needs.insert(number, word == "yes");
            }
        }
        needs
    }

    fn address(&mut self) -> Address {
        Address {
            line: self.owned(Field::Address),
            postcode: self.owned(Field::Postcode),
            uprn: self.identifier(Field::Uprn),
            ward: self.ward(),
        }
    }

    fn who(&mut self) -> Who {
        Who {
            given_name: self.given_name(Field::GivenName),
            family_name: self.owned(Field::FamilyName).unwrap_or_default(),
            birth_date: self.birth_date(Field::BirthDate),
            sex: self.sex(Field::Sex),
            nhs_number: self.identifier(Field::NhsNumber),
            upn: self.identifier(Field::Upn),
            ni_number: self.identifier(Field::NiNumber),
            case_id: self.case_number(Field::CaseId),
        }
    }

    /// A number of the source's own, with whose it is.
    fn case_number(&self, field: Field) -> Option<CaseId> {
        let system = self.plan.mapping.case_system.clone()?;
        self.owned(field).map(|id| CaseId { system, id })
    }

    /// A carer without any name is no carer: a date of birth alone joins nobody.
    fn carer(&mut self) -> Option<Who> {
        let carer = Who {
            given_name: self.given_name(Field::CarerGivenName),
            family_name: self.owned(Field::CarerFamilyName).unwrap_or_default(),
            birth_date: self.birth_date(Field::CarerBirthDate),
            sex: self.sex(Field::CarerSex),
            ni_number: self.identifier(Field::CarerNiNumber),
            ..Who::default()
        };
        let named = !carer.given_name.is_empty() && !carer.family_name.is_empty();
        (named || carer.ni_number.is_some()).then_some(carer)
    }

    fn somebody(&mut self, who: &Who, expected: &str) {
        let keyed =
            who.nhs_number.is_some() || who.upn.is_some() || who.ni_number.is_some() || who.case_id.is_some();
        let named = !who.given_name.is_empty() && !who.family_name.is_empty() && who.birth_date.is_some();
        // A key that is there and wrong has its own fault already.
        if !keyed && !named && self.faults.is_empty() {
            let expected = expected.to_owned();
            self.faults.push((None, FaultKind::Nobody { expected }));
        }
    }

    fn span(&mut self) -> Option<(NaiveDate, Option<NaiveDate>)> {
        let from = self.date(Field::From);
        let to = self.date(Field::To);
        if let (Some(from), Some(to)) = (from, to)
            && to < from
        {
            let (from, to) = (from.to_string(), to.to_string());
            self.fault(Field::To, FaultKind::EndsFirst { from, to });
        }
        from.map(|from| (from, to))
    }
}
