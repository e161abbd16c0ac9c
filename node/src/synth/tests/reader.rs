//! A reader of the extracts for tests: small, and independent of the node's own intake.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use chrono::NaiveDate;

use crate::{
    register::{
        Assessment, AssessmentKind, CareKind, CareSpell, Days, Episode, FamilyFile, FamilyId, Incident,
        IncidentKind, LineId, Origin, Person, PersonId, Sex, Spell, TermSessions,
    },
    synth::SynthPlan,
};

/// One extract's rows as maps from heading to value.
type Rows = Vec<HashMap<String, String>>;

/// What the shipped mapping makes of who asked for help.
pub(super) fn referral(text: &str) -> Option<String> {
    let word = match text {
        "" => return None,
        "School" => "school or nursery",
        "Self" => "family itself",
        "Voluntary" => "voluntary sector",
        "Probation" => "other",
        other => return Some(other.to_lowercase()),
    };
    Some(word.to_owned())
}

fn rows(folder: &Path, plan: &SynthPlan, quarter: usize, name: &str) -> Rows {
    let path = folder.join(plan.first_quarter.plus(quarter as i32).to_string()).join(name);
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}

/// A small reader that knows people by NHS number, UPN, NI number, or name and birth date, as an intake would.
#[derive(Default)]
pub(super) struct Reader {
    keys: HashMap<String, usize>,
    births: Vec<NaiveDate>,
    /// Links between people of one family.
    links: Vec<(usize, usize)>,
    assessments: BTreeMap<String, Assessment>,
    sessions: BTreeMap<(usize, Days), (u32, BTreeMap<String, u32>)>,
    incidents: BTreeMap<String, (usize, Incident)>,
    spells: BTreeMap<(usize, String, NaiveDate), Option<NaiveDate>>,
    care: BTreeMap<(usize, String, NaiveDate), Option<NaiveDate>>,
    episodes: BTreeMap<String, (usize, Episode)>,
    pub(super) refused: usize,
}

impl Reader {
    fn day(text: &str) -> Option<NaiveDate> {
        NaiveDate::parse_from_str(text, "%d/%m/%Y").ok()
    }

    /// A date that may be blank; `None` where it is wrong.
    fn end(text: &str) -> Option<Option<NaiveDate>> {
        if text.is_empty() { Some(None) } else { Self::day(text).map(Some) }
    }

    fn person(&mut self, keys: &[String], born: NaiveDate) -> usize {
        let known = keys.iter().find_map(|key| self.keys.get(key).copied());
        let id = known.unwrap_or_else(|| {
            self.births.push(born);
            self.births.len() - 1
        });
        for key in keys {
            self.keys.entry(key.clone()).or_insert(id);
        }
        id
    }

    fn keys(
        row: &HashMap<String, String>,
        names: &[&str],
        forename: &str,
        surname: &str,
        born: &str,
    ) -> Vec<String> {
        let mut keys: Vec<String> = names
            .iter()
            .filter(|name| !row[**name].is_empty())
            .map(|name| format!("{name} {}", row[*name]))
            .collect();
        let whole = format!("{} {} {}", row[forename], row[surname], row[born]);
        keys.push(whole.to_lowercase());
        keys
    }

    pub(super) fn load(&mut self, folder: &Path, plan: &SynthPlan, quarter: usize) {
        for row in rows(folder, plan, quarter, "early_help_assessments.csv") {
            self.refused += usize::from(self.assessment(&row).is_none());
        }
        for row in rows(folder, plan, quarter, "school_sessions.csv") {
            self.refused += usize::from(self.school(&row).is_none());
        }
        for row in rows(folder, plan, quarter, "police_incidents.csv") {
            self.refused += usize::from(self.incident(&row).is_none());
        }
        for row in rows(folder, plan, quarter, "dwp_spells.csv") {
            self.refused += usize::from(self.spell(&row).is_none());
        }
        for row in rows(folder, plan, quarter, "social_care.csv") {
            self.refused += usize::from(self.in_care(&row).is_none());
        }
        for row in rows(folder, plan, quarter, "episodes.csv") {
            self.refused += usize::from(self.episode(&row).is_none());
        }
    }

    fn assessment(&mut self, row: &HashMap<String, String>) -> Option<()> {
        let kind = match row["Assessment Type"].as_str() {
            "Initial" => AssessmentKind::Initial,
            "Review" => AssessmentKind::Review,
            _ => return None,
        };
        let started = Self::day(&row["Assessment Start Date"])?;
        let completed = Self::end(&row["Assessment Completed Date"])?;
        let flag = |name: &str| match row[name].as_str() {
            "Y" => Some(true),
            "N" => Some(false),
            _ => None,
        };
        let keys = Self::keys(
            row,
            &["NHS Number", "UPN", "Child ID"],
            "Child Forename",
            "Child Surname",
            "Date of Birth",
        );
        let child = self.person(&keys, Self::day(&row["Date of Birth"])?);
        let keys =
            Self::keys(row, &["Carer NI Number"], "Carer Forename", "Carer Surname", "Carer Date of Birth");
        let keys: Vec<String> =
            keys.into_iter().map(|key| key.replace("Carer NI Number", "NI Number")).collect();
        let carer = self.person(&keys, Self::day(&row["Carer Date of Birth"])?);
        self.links.push((child, carer));
        let flags = [
            "Crime or ASB",
            "School Attendance",
            "Child Needs Help",
            "Work and Money",
            "Domestic Abuse",
            "Health",
        ];
        self.assessments.insert(
            row["Early Help Number"].clone(),
            Assessment {
                child: PersonId(child.to_string()),
                kind,
                started,
                completed,
                whole_family: flag("Whole Family"),
                plan_made: Self::end(&row["Plan Date"])?,
                key_worker_from: Self::end(&row["Key Worker Start Date"])?,
                needs: (1..).zip(flags).filter_map(|(problem, name)| Some((problem, flag(name)?))).collect(),
                referral_source: referral(&row["Referral Source"]),
                origin: Origin::default(),
            },
        );
        Some(())
    }

    fn school(&mut self, row: &HashMap<String, String>) -> Option<()> {
        let term = Days { from: Self::day(&row["Term Start"])?, to: Self::day(&row["Term End"])? };
        let (possible, count) = (row["Sessions Possible"].parse().ok()?, row["Sessions"].parse().ok()?);
        let keys = Self::keys(row, &["UPN"], "Pupil Forename", "Pupil Surname", "Date of Birth");
        let pupil = self.person(&keys, Self::day(&row["Date of Birth"])?);
        let entry = self.sessions.entry((pupil, term)).or_insert((possible, BTreeMap::new()));
        entry.1.insert(row["Reason Code"].clone(), count);
        Some(())
    }

    fn incident(&mut self, row: &HashMap<String, String>) -> Option<()> {
        use IncidentKind::{AntiSocialBehaviour, DomesticAbuse, Offence};
        let kind = match row["Category"].as_str() {
            "Proven offence" => Offence,
            "ASB" => AntiSocialBehaviour,
            "Domestic abuse" => DomesticAbuse,
            _ => return None,
        };
        let on = Self::day(&row["Incident Date"])?;
        let keys = Self::keys(row, &[], "Forename", "Surname", "Date of Birth");
        let id = self.person(&keys, Self::day(&row["Date of Birth"])?);
        let incident = Incident { person: PersonId(id.to_string()), on, kind, origin: Origin::default() };
        self.incidents.insert(row["Incident Reference"].clone(), (id, incident));
        Some(())
    }

    fn spell(&mut self, row: &HashMap<String, String>) -> Option<()> {
        let (from, to) = (Self::day(&row["Start Date"])?, Self::end(&row["End Date"])?);
        let kind = row["Spell Type"].clone();
        if kind.is_empty() {
            return None;
        }
        let keys = Self::keys(row, &["NI Number"], "Forename", "Surname", "Date of Birth");
        let id = self.person(&keys, Self::day(&row["Date of Birth"])?);
        self.spells.insert((id, kind, from), to);
        Some(())
    }

    fn in_care(&mut self, row: &HashMap<String, String>) -> Option<()> {
        let (from, to) = (Self::day(&row["Start Date"])?, Self::end(&row["End Date"])?);
        let status = row["Status"].clone();
        if status.is_empty() {
            return None;
        }
        let keys = Self::keys(row, &["NHS Number"], "Forename", "Surname", "Date of Birth");
        let id = self.person(&keys, Self::day(&row["Date of Birth"])?);
        self.care.insert((id, status, from), to);
        Some(())
    }

    fn episode(&mut self, row: &HashMap<String, String>) -> Option<()> {
        let (opened, closed) = (Self::day(&row["Episode Start"])?, Self::end(&row["Episode End"])?);
        let child = self.keys[&format!("Child ID {}", row["Child ID"])];
        let reason = Some(row["End Reason"].clone()).filter(|reason| !reason.is_empty());
        let received_from = row["Received From"].parse().ok();
        let episode = Episode {
            child: PersonId(String::new()),
            opened,
            closed,
            reason,
            received_from,
            origin: Origin::default(),
        };
        self.episodes.insert(row["Early Help Number"].clone(), (child, episode));
        Some(())
    }

    /// Families by their lowest person.
    pub(super) fn files(&self) -> Vec<(usize, FamilyFile)> {
        let mut family: Vec<usize> = (0..self.births.len()).collect();
        let top = |family: &[usize], mut at: usize| {
            while family[at] != at {
                at = family[at];
            }
            at
        };
        for (child, carer) in &self.links {
            let (a, b) = (top(&family, *child), top(&family, *carer));
            family[a.max(b)] = a.min(b);
        }
        let mut files: BTreeMap<usize, FamilyFile> = BTreeMap::new();
        for (at, born) in self.births.iter().enumerate() {
            let file = files.entry(top(&family, at)).or_insert_with(|| FamilyFile {
                family: FamilyId(String::new()),
                line: LineId(String::new()),
                members: Vec::new(),
                ward: None,
                assessments: Vec::new(),
                sessions: Vec::new(),
                incidents: Vec::new(),
                benefits: Vec::new(),
                jobs: Vec::new(),
                care: Vec::new(),
                episodes: Vec::new(),
                housing: Vec::new(),
                circumstances: Vec::new(),
            });
            file.members.push(Person {
                id: PersonId(at.to_string()),
                given_name: String::new(),
                family_name: String::new(),
                birth_date: Some(*born),
                sex: Sex::NotKnown,
            });
        }
        let id = |at: usize| PersonId(at.to_string());
        let mut of = |at: usize, put: &dyn Fn(&mut FamilyFile)| {
            put(files.get_mut(&top(&family, at)).expect("every person is of a family"));
        };
        for assessment in self.assessments.values() {
            of(assessment.child.0.parse().unwrap(), &|file| file.assessments.push(assessment.clone()));
        }
        for ((pupil, term), (possible, codes)) in &self.sessions {
            let absent = codes.iter().filter(|(code, _)| *code != "/").map(|(_, count)| count).sum();
            let sessions = TermSessions {
                pupil: id(*pupil),
                term: *term,
                possible: *possible,
                absent,
                authorised: 0,
                origins: Vec::new(),
            };
            of(*pupil, &|file| file.sessions.push(sessions.clone()));
        }
        for (person, incident) in self.incidents.values() {
            of(*person, &|file| file.incidents.push(incident.clone()));
        }
        for ((person, kind, from), to) in &self.spells {
            let spell = Spell { person: id(*person), from: *from, to: *to, origin: Origin::default() };
            of(*person, &|file| {
                if kind == "Benefit" { &mut file.benefits } else { &mut file.jobs }.push(spell.clone());
            });
        }
        for ((child, status, from), to) in &self.care {
            let kind = match status.as_str() {
                "CIN" => CareKind::InNeed,
                "CPP" => CareKind::ProtectionPlan,
                _ => CareKind::LookedAfter,
            };
            let spell =
                CareSpell { child: id(*child), kind, from: *from, to: *to, origin: Origin::default() };
            of(*child, &|file| file.care.push(spell.clone()));
        }
        for (child, episode) in self.episodes.values() {
            of(*child, &|file| file.episodes.push(episode.clone()));
        }
        files.into_iter().collect()
    }
}
