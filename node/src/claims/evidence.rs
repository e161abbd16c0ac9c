//! What a claim rests on: the records and values relied on, kept as they were, and what people add to them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tenfold_common::framework::{Indicator, ResultKind};

use crate::{
    outcomes::{Answer, Verdict, source_of},
    register::{
        CareKind, CircumstanceKind, Days, FamilyFile, HousingKind, IncidentKind, Origin, PersonId,
        ProblemNumber, SourceKind,
        origin::{FileNames, places},
    },
};

/// A kind of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A record: written by drafting, or named by its load and line.
    Record,
    /// A document: its file's name and SHA-256.
    Document,
    /// A lead worker's statement.
    Statement,
    /// A case study.
    CaseStudy,
    /// An officer's discretion, with its reason; such a claim is always checked.
    Discretion,
    /// A former borough's confirmation.
    Confirmation,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Record,
        Self::Document,
        Self::Statement,
        Self::CaseStudy,
        Self::Discretion,
        Self::Confirmation,
    ];

    /// Its word in columns, commands and pages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Document => "document",
            Self::Statement => "statement",
            Self::CaseStudy => "case-study",
            Self::Discretion => "discretion",
            Self::Confirmation => "confirmation",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What an item of record evidence bears on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bearing {
    /// It shows that a problem was present.
    Shows,
    /// It meets a criterion of progress.
    Progress,
    /// It meets the attendance that every claim needs.
    Attendance,
    /// It meets continuous employment.
    Employment,
    /// The assessment, plan and key worker that *attached* rests on.
    Joining,
}

impl Bearing {
    /// The words pages use.
    pub fn words(self) -> &'static str {
        match self {
            Self::Shows => "shows the problem",
            Self::Progress => "progress",
            Self::Attendance => "attendance of every child",
            Self::Employment => "continuous employment",
            Self::Joining => "joined the programme",
        }
    }
}

/// One record as it was on the day of the decision: no names, only this node's id of the person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Relied {
    /// What it is, such as `assessment`.
    pub record: String,
    /// Whose, by this node's id.
    pub person: PersonId,
    /// Its day, or its first.
    pub from: NaiveDate,
    /// Its last day, where it has one.
    pub to: Option<NaiveDate>,
    /// What it said.
    pub values: BTreeMap<String, String>,
    /// The rows that said it, by load and line.
    pub origins: Vec<Origin>,
}

/// One thing the verdict held, and the records it held by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What it bears on.
    pub bearing: Bearing,
    /// The problem, where it is one's.
    pub problem: Option<ProblemNumber>,
    /// The kind of record in the framework's word; empty where the framework has none.
    pub indicator: String,
    /// Whose records these are; silence counts because this source covers the days.
    pub source: SourceKind,
    /// How it stood, in words.
    pub answer: String,
    /// The days it was held over, where it has a window.
    pub window: Option<Days>,
    /// The loads of that source until then, by number: the files behind it.
    pub loads: Vec<i64>,
    /// The records as they were; none where their absence is what counts.
    pub records: Vec<Relied>,
}

impl Item {
    /// The rows its records stand in, each once.
    pub fn origins(&self) -> BTreeSet<Origin> {
        self.records.iter().flat_map(|record| record.origins.iter().copied()).collect()
    }

    /// Where its records are found again: loads and lines; where silence counts, the loads that are silent.
    pub fn reference(&self) -> String {
        let source = self.source.as_str();
        let places = places(self.origins(), &FileNames::new());
        let loads: Vec<String> = self.loads.iter().map(ToString::to_string).collect();
        match (places.is_empty(), loads.is_empty()) {
            (false, _) => format!("{source}: {places}"),
            (true, false) => format!("{source}: nothing in loads {}", loads.join(", ")),
            (true, true) => format!("{source}: no load"),
        }
    }

    /// Files and lines of its records; empty where silence counts.
    pub fn places(&self, files: &FileNames) -> String {
        places(self.origins(), files)
    }

    /// One line for a worksheet.
    pub fn in_words(&self) -> String {
        let problem = self.problem.map(|number| format!("problem {number}, ")).unwrap_or_default();
        let count = match self.records.len() {
            1 => "1 record".to_owned(),
            count => format!("{count} records"),
        };
        let what = if self.indicator.is_empty() { String::new() } else { format!(" ({})", self.indicator) };
        format!(
            "{problem}{}{what}: {}; {count} of {}",
            self.bearing.words(),
            self.answer,
            self.source.as_str()
        )
    }
}

/// Everything a verdict with a result relied on; `loads` are those of each source so far.
pub fn relied_on(file: &FamilyFile, verdict: &Verdict, loads: &BTreeMap<SourceKind, Vec<i64>>) -> Vec<Item> {
    let mut items = held(file, verdict);
    for item in &mut items {
        item.loads = loads.get(&item.source).cloned().unwrap_or_default();
    }
    items
}

fn held(file: &FamilyFile, verdict: &Verdict) -> Vec<Item> {
    let mut items = vec![joining(file, verdict)];
    items.extend(work_begun(file, verdict));
    for finding in &verdict.findings {
        let problem = Some(finding.problem);
        for evidence in &finding.evidence {
            // An indicator that no source supplies shows nothing.
            let Some(source) = source_of(evidence.indicator) else { continue };
            items.push(Item {
                bearing: Bearing::Shows,
                problem,
                indicator: evidence.indicator.as_str().to_owned(),
                source,
                answer: format!("first on {}", evidence.on),
                window: None,
                loads: Vec::new(),
                records: records(file, evidence.indicator, finding.problem, verdict.on),
            });
        }
        for judged in finding.criteria.iter().filter(|judged| judged.answer.is_met()) {
            let Some(source) = source_of(judged.indicator) else { continue };
            items.push(Item {
                bearing: Bearing::Progress,
                problem,
                indicator: judged.indicator.as_str().to_owned(),
                source,
                answer: judged.answer.words(),
                window: window(judged.answer),
                loads: Vec::new(),
                records: records(file, judged.indicator, finding.problem, verdict.on),
            });
        }
    }
    if let Some(answer) = verdict.attendance {
        items.push(Item {
            bearing: Bearing::Attendance,
            problem: None,
            indicator: Indicator::Attendance.as_str().to_owned(),
            source: SourceKind::SchoolSessions,
            answer: answer.words(),
            window: window(answer),
            loads: Vec::new(),
            records: records(file, Indicator::Attendance, 0, verdict.on),
        });
    }
    let employed = verdict.result.as_ref().is_some_and(|result| result.kind == ResultKind::Employment);
    if let Some(answer) = verdict.employment.filter(|_| employed) {
        let mut spells: Vec<Relied> =
            file.jobs.iter().map(|job| spell("job", &job.person, (job.from, job.to), job.origin)).collect();
        spells.extend(records(file, Indicator::OutOfWorkBenefit, 0, verdict.on));
        spells.retain(|record| record.from <= verdict.on);
        items.push(Item {
            bearing: Bearing::Employment,
            problem: None,
            indicator: String::new(),
            source: SourceKind::Dwp,
            answer: answer.words(),
            window: window(answer),
            loads: Vec::new(),
            records: spells,
        });
    }
    items
}

fn window(answer: Answer) -> Option<Days> {
    match answer {
        Answer::Met(days) => Some(days),
        _ => None,
    }
}

fn joining(file: &FamilyFile, verdict: &Verdict) -> Item {
    let mut records: Vec<Relied> = Vec::new();
    for assessment in file.assessments.iter().filter(|a| a.started <= verdict.on) {
        let mut values = BTreeMap::new();
        let mut say = |name: &str, value: Option<String>| {
            values.extend(value.map(|value| (name.to_owned(), value)));
        };
        say("whole family", assessment.whole_family.map(|whole| yes_no(whole).to_owned()));
        say("plan made", assessment.plan_made.map(|day| day.to_string()));
        say("key worker from", assessment.key_worker_from.map(|day| day.to_string()));
        say("kind", Some(assessment.kind.as_str().to_owned()));
        records.push(Relied {
            record: "assessment".to_owned(),
            person: assessment.child.clone(),
            from: assessment.started,
            to: assessment.completed,
            values,
            origins: vec![assessment.origin],
        });
    }
    records.sort();
    Item {
        bearing: Bearing::Joining,
        problem: None,
        indicator: String::new(),
        source: SourceKind::EarlyHelp,
        answer: verdict
            .attached_on
            .map_or_else(|| "not attached".to_owned(), |day| format!("attached on {day}")),
        window: None,
        loads: Vec::new(),
        records,
    }
}

/// The first episode of work with the family, where one is opened.
fn work_begun(file: &FamilyFile, verdict: &Verdict) -> Option<Item> {
    let day = verdict.joining.work_begun?;
    let opened = file.episodes.iter().filter(|episode| episode.opened == day);
    let mut records: Vec<Relied> =
        opened.map(|e| spell("episode", &e.child, (e.opened, e.closed), e.origin)).collect();
    records.sort();
    Some(Item {
        bearing: Bearing::Joining,
        problem: None,
        indicator: String::new(),
        source: SourceKind::Episodes,
        answer: format!("work began on {day}"),
        window: None,
        loads: Vec::new(),
        records,
    })
}

/// The family's records of one kind up to a day, as they are now.
fn records(file: &FamilyFile, indicator: Indicator, problem: ProblemNumber, on: NaiveDate) -> Vec<Relied> {
    let incidents = |kind: IncidentKind| {
        let of_kind = file.incidents.iter().filter(move |incident| incident.kind == kind);
        of_kind.map(|i| spell(kind.as_str(), &i.person, (i.on, Some(i.on)), i.origin)).collect()
    };
    let care = |kind: CareKind| {
        let of_kind = file.care.iter().filter(move |spell| spell.kind == kind);
        of_kind.map(|c| spell(kind.as_str(), &c.child, (c.from, c.to), c.origin)).collect()
    };
    let housing = |kind: HousingKind| {
        let of_kind = file.housing.iter().filter(move |spell| spell.kind == kind);
        of_kind.map(|h| spell(kind.as_str(), &h.person, (h.from, h.to), h.origin)).collect()
    };
    let mut found: Vec<Relied> = match indicator {
        Indicator::Need => {
            let asked = file.assessments.iter().filter_map(|a| Some((a, *a.needs.get(&problem)?)));
            let relied = asked.map(|(assessment, present)| {
                let kind = format!("{} assessment", assessment.kind.as_str());
                let days = (assessment.started, assessment.completed);
                let mut relied = spell(&kind, &assessment.child, days, assessment.origin);
                relied.values.insert(format!("need {problem}"), yes_no(present).to_owned());
                relied
            });
            relied.collect()
        }
        Indicator::Attendance => {
            let terms = file.sessions.iter().map(|sessions| {
                let days = (sessions.term.from, Some(sessions.term.to));
                let mut term = spell("school term", &sessions.pupil, days, Origin::default());
                term.origins.clone_from(&sessions.origins);
                term.values.insert("possible".to_owned(), sessions.possible.to_string());
                term.values.insert("absent".to_owned(), sessions.absent.to_string());
                term.values.insert("absent with leave".to_owned(), sessions.authorised.to_string());
                term
            });
            terms.collect()
        }
        Indicator::Offences | Indicator::YouthOffences => incidents(IncidentKind::Offence),
        Indicator::AntiSocialBehaviour => incidents(IncidentKind::AntiSocialBehaviour),
        Indicator::DomesticAbuse => incidents(IncidentKind::DomesticAbuse),
        Indicator::InNeed => care(CareKind::InNeed),
        Indicator::ProtectionPlan => care(CareKind::ProtectionPlan),
        Indicator::LookedAfter => care(CareKind::LookedAfter),
        Indicator::OutOfWorkBenefit => {
            let benefits = file.benefits.iter();
            let benefits =
                benefits.map(|b| spell("out-of-work benefit", &b.person, (b.from, b.to), b.origin));
            let traced = file
                .circumstances
                .iter()
                .filter(|c| c.kind == CircumstanceKind::Traced && c.source == Some(SourceKind::Dwp));
            let traced = traced.map(|c| spell("traced when asked", &c.person, (c.from, c.to), c.origin));
            benefits.chain(traced).collect()
        }
        Indicator::RentArrears => housing(HousingKind::Arrears),
        Indicator::PossessionNotice => housing(HousingKind::Notice),
        Indicator::Eviction => housing(HousingKind::Eviction),
        Indicator::Exclusions => Vec::new(),
    };
    found.retain(|record| record.from <= on);
    found.sort();
    found
}

type Span = (NaiveDate, Option<NaiveDate>);

fn spell(record: &str, person: &PersonId, (from, to): Span, origin: Origin) -> Relied {
    let (record, person) = (record.to_owned(), person.clone());
    Relied { record, person, from, to, values: BTreeMap::new(), origins: vec![origin] }
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}
