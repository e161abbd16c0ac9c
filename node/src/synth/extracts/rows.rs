//! A family's records as rows: headings, codes and date formats of each extract.

use chrono::NaiveDate;
use tenfold_common::calendar::Quarter;

use super::{CaseSystem, Extract};
use crate::{
    register::{AssessmentKind, CareKind, IncidentKind, Sex},
    synth::{
        SynthPlan,
        family::{Assessed, Carer, Child, Family, InCare, Sessions, Spell},
        identity::{Home, Someone},
        story::Joining,
    },
};

/// A record: the quarters in which its row is new or changed, and the row as known in a quarter.
pub(super) struct Record<'a> {
    pub(super) extract: Extract,
    /// In order, the first being the quarter in which it appears.
    pub(super) versions: Vec<usize>,
    pub(super) row: Box<dyn Fn(usize) -> Vec<String> + 'a>,
}

/// Turns values into the case system's words.
#[derive(Clone, Copy)]
struct Writer<'a> {
    plan: &'a SynthPlan,
    system: CaseSystem,
    family: &'a Family,
}

/// Every record of a family, extract by extract.
pub(super) fn of_family<'a>(plan: &'a SynthPlan, system: CaseSystem, family: &'a Family) -> Vec<Record<'a>> {
    let writer = Writer { plan, system, family };
    let mut records = Vec::new();
    for (at, assessed) in family.assessments.iter().enumerate() {
        for child in 0..family.children.len() {
            writer.assessment(at, assessed, child, &mut records);
        }
    }
    family.sessions.iter().for_each(|sessions| writer.sessions(sessions, &mut records));
    writer.incidents(&mut records);
    writer.spells(&mut records);
    family.care.iter().for_each(|care| records.push(writer.care(care)));
    for child in &family.children {
        records.push(writer.episode(child));
    }
    records
}

fn british(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

fn text(value: &str) -> String {
    value.to_owned()
}

fn unless(blank: bool, value: &str) -> String {
    if blank { String::new() } else { value.to_owned() }
}

impl<'a> Writer<'a> {
    fn last_day(&self, quarter: usize) -> NaiveDate {
        self.plan.first_quarter.plus(quarter as i32).last_day()
    }

    /// The quarter in whose extracts a day is first known.
    fn known(&self, day: NaiveDate) -> usize {
        let at = Quarter::of(day).quarters_since(self.plan.first_quarter);
        usize::try_from(at).unwrap_or(0).max(self.family.story.seen)
    }

    /// The quarters of some changes, none before the first, none twice.
    fn versions(first: usize, changes: impl IntoIterator<Item = usize>) -> Vec<usize> {
        let mut versions: Vec<usize> = changes.into_iter().filter(|at| *at > first).collect();
        versions.push(first);
        versions.sort_unstable();
        versions.dedup();
        versions
    }

    fn child_id(&self, serial: u32) -> String {
        match self.system {
            CaseSystem::Liquidlogic => format!("C{serial:06}"),
            CaseSystem::Mosaic => (2_000_000 + serial).to_string(),
        }
    }

    fn step_id(&self, serial: u32, assessment: usize) -> String {
        match self.system {
            CaseSystem::Liquidlogic => format!("EH{serial:06}-{}", assessment + 1),
            CaseSystem::Mosaic => (serial * 10 + assessment as u32 + 1).to_string(),
        }
    }

    fn case_day(&self, day: NaiveDate) -> String {
        match self.system {
            CaseSystem::Liquidlogic => british(day),
            CaseSystem::Mosaic => day.format("%Y-%b-%d 00:00:00").to_string(),
        }
    }

    fn flag(&self, value: Option<bool>) -> String {
        let (yes, no) = match self.system {
            CaseSystem::Liquidlogic => ("Y", "N"),
            CaseSystem::Mosaic => ("1", "0"),
        };
        value.map_or(String::new(), |value| text(if value { yes } else { no }))
    }

    fn sex(&self, sex: Sex) -> String {
        text(match (self.system, sex) {
            (_, Sex::NotKnown) => "",
            (CaseSystem::Liquidlogic, Sex::Female) => "F",
            (CaseSystem::Liquidlogic, Sex::Male) => "M",
            (CaseSystem::Mosaic, Sex::Female) => "FEMALE",
            (CaseSystem::Mosaic, Sex::Male) => "MALE",
        })
    }

    fn assessment(self, at: usize, assessed: &'a Assessed, child: usize, records: &mut Vec<Record<'a>>) {
        let first = self.known(assessed.completed);
        let moved = self.family.homes.iter().map(|(from, _)| *from);
        let dated = [assessed.plan, assessed.key_worker.map(|(_, from)| from)];
        let changes = moved.chain(dated.into_iter().flatten().map(|day| self.known(day)));
        let own = &self.family.children[child];
        let extract = Extract::EarlyHelp;
        records.push(Record {
            extract,
            versions: Self::versions(first, changes),
            row: Box::new(move |quarter| {
                let home = self.family.home(quarter);
                let ids = (own.serial, &own.person, home, home.uprn.as_str());
                self.assessment_row(at, assessed, child, ids, quarter)
            }),
        });
        // The same child a second time: another id, spelling and address, no property number.
        if let Some((person, serial, home)) = own.again.as_ref().filter(|_| at == 0) {
            let later = dated.into_iter().flatten().map(|day| self.known(day));
            records.push(Record {
                extract,
                versions: Self::versions(first, later),
                row: Box::new(move |quarter| {
                    self.assessment_row(at, assessed, child, (*serial, person, home, ""), quarter)
                }),
            });
        }
    }

    fn assessment_row(
        self,
        at: usize,
        assessed: &Assessed,
        child: usize,
        (serial, person, home, uprn): (u32, &Someone, &Home, &str),
        quarter: usize,
    ) -> Vec<String> {
        let (own, blank) = (&self.family.children[child], assessed.blank[child]);
        let second = self.family.second_carer.as_ref().filter(|_| assessed.by_second_carer);
        let carer: &Carer = second.unwrap_or(&self.family.carer);
        let today = self.last_day(quarter);
        let plan = assessed.plan.filter(|day| *day <= today);
        let worker = assessed.key_worker.filter(|(_, from)| *from <= today);
        let day = |day: Option<NaiveDate>| day.map_or(String::new(), |day| self.case_day(day));
        let kind = match (self.system, assessed.kind) {
            (CaseSystem::Liquidlogic, AssessmentKind::Initial) => "Initial",
            (CaseSystem::Liquidlogic, AssessmentKind::Review) => "Review",
            (CaseSystem::Mosaic, AssessmentKind::Initial) => "ASSESSMENT",
            (CaseSystem::Mosaic, AssessmentKind::Review) => "REVIEW",
        };
        let mut row = vec![
            self.step_id(serial, at),
            self.child_id(serial),
            text(&person.forename),
            text(&person.surname),
            self.case_day(person.born),
            self.sex(person.sex),
            unless(blank.nhs_number, &own.nhs_number),
            unless(blank.upn, &own.upn),
            text(&carer.person.forename),
            text(&carer.person.surname),
            self.case_day(carer.person.born),
            self.sex(carer.person.sex),
            unless(blank.ni_number, &carer.ni_number),
            text(&home.address),
            unless(blank.postcode, &home.postcode),
            text(uprn),
            unless(blank.ward, home.ward.as_str()),
            text(kind),
            self.case_day(assessed.started),
            self.case_day(assessed.completed),
            self.flag(assessed.whole_family),
            day(plan),
            text(worker.map_or("", |(name, _)| name)),
            day(worker.map(|(_, from)| from)),
        ];
        row.extend(assessed.needs[child].iter().map(|need| self.flag(*need)));
        row.push(text(self.family.referred_by()));
        row
    }

    fn sessions(self, sessions: &'a Sessions, records: &mut Vec<Record<'a>>) {
        let child = &self.family.children[sessions.child];
        let present = sessions.possible - sessions.absent();
        for (code, count) in
            [("/", present), ("I", sessions.ill), ("O", sessions.unauthorised), ("E", sessions.excluded)]
        {
            if count == 0 {
                continue;
            }
            let row = move |_| {
                vec![
                    unless(sessions.blank_upn, &child.upn),
                    text(&child.person.forename),
                    text(&child.person.surname),
                    british(child.person.born),
                    text(&sessions.term.name),
                    british(sessions.term.days.from),
                    british(sessions.term.days.to),
                    sessions.possible.to_string(),
                    text(code),
                    count.to_string(),
                ]
            };
            records.push(Record {
                extract: Extract::Sessions,
                versions: vec![sessions.known],
                row: Box::new(row),
            });
        }
    }

    fn incidents(self, records: &mut Vec<Record<'a>>) {
        let person = &self.family.carer.person;
        for (at, event) in self.family.incidents.iter().enumerate() {
            let reference = format!("{}-{}", self.step_id(self.family.children[0].serial, 0), at + 1);
            let reference = reference.replace("EH", "GMP");
            let category = match event.kind {
                IncidentKind::Offence => "Proven offence",
                IncidentKind::AntiSocialBehaviour => "ASB",
                IncidentKind::DomesticAbuse => "Domestic abuse",
            };
            let row = move |_| {
                vec![
                    reference.clone(),
                    british(event.on),
                    text(category),
                    text(&person.forename),
                    text(&person.surname),
                    british(person.born),
                    text(&self.family.home(event.known).postcode),
                ]
            };
            records.push(Record {
                extract: Extract::Police,
                versions: vec![event.known],
                row: Box::new(row),
            });
        }
    }

    fn spells(self, records: &mut Vec<Record<'a>>) {
        let carer = &self.family.carer;
        let benefits = self.family.benefits.iter().map(|spell| (spell, "Benefit", "Out-of-work benefit"));
        let jobs = self.family.jobs.iter().map(|spell| (spell, "Employment", "Paid employment"));
        for (spell, kind, description) in benefits.chain(jobs) {
            records.push(Record {
                extract: Extract::Dwp,
                versions: self.spell_versions(spell),
                row: Box::new(move |quarter| {
                    vec![
                        text(&carer.ni_number),
                        text(&carer.person.forename),
                        text(&carer.person.surname),
                        british(carer.person.born),
                        text(kind),
                        text(description),
                        british(spell.from),
                        self.end(spell, quarter),
                    ]
                }),
            });
        }
    }

    fn care(self, care: &'a InCare) -> Record<'a> {
        let child: &Child = &self.family.children[0];
        let status = match care.kind {
            CareKind::InNeed => "CIN",
            CareKind::ProtectionPlan => "CPP",
            CareKind::LookedAfter => "CLA",
        };
        let row = move |quarter| {
            vec![
                self.child_id(child.serial),
                text(&child.person.forename),
                text(&child.person.surname),
                british(child.person.born),
                text(&child.nhs_number),
                text(status),
                british(care.spell.from),
                self.end(&care.spell, quarter),
            ]
        };
        Record {
            extract: Extract::SocialCare,
            versions: self.spell_versions(&care.spell),
            row: Box::new(row),
        }
    }

    fn spell_versions(&self, spell: &Spell) -> Vec<usize> {
        Self::versions(spell.known, spell.to.map(|to| self.known(to)))
    }

    /// A spell's last day, once it has passed.
    fn end(&self, spell: &Spell, quarter: usize) -> String {
        spell.to.filter(|to| *to <= self.last_day(quarter)).map_or(String::new(), british)
    }

    fn episode(self, child: &'a Child) -> Record<'a> {
        let work = &self.family.episode;
        let from = match &self.family.story.joining {
            Joining::Received(borough) => borough.to_string(),
            _ => String::new(),
        };
        let row = move |quarter| {
            let closed = work.closed.filter(|(day, _)| *day <= self.last_day(quarter));
            vec![
                self.step_id(child.serial, 0),
                self.child_id(child.serial),
                british(work.opened),
                closed.map_or(String::new(), |(day, _)| british(day)),
                text(closed.map_or("", |(_, reason)| reason)),
                from.clone(),
            ]
        };
        let first = self.known(work.opened);
        Record {
            extract: Extract::Episodes,
            versions: Self::versions(first, work.closed.map(|(day, _)| self.known(day))),
            row: Box::new(row),
        }
    }
}
