//! The records of some families, table by table.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::{ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, RunQueryDsl};
use tenfold_store::{AnyConnection, StoreError};

use super::{
    super::schema::{
        assessment, care_spell, circumstance, episode, housing_spell, incident, mention, person,
        session_count, spell,
    },
    Ranks,
    newest::{Newest, Rank},
    person_id, unreadable,
};
use crate::register::{
    Assessment, AssessmentKind, CareKind, CareSpell, Circumstance, CircumstanceKind, Days, Episode,
    FamilyFile, HousingKind, HousingSpell, Incident, IncidentKind, Origin, SourceKind, Spell, TermSessions,
};

/// In the column `absence`: absent with leave.
const WITH_LEAVE: i32 = 2;

type Files = BTreeMap<i64, FamilyFile>;

/// The people of families in a range, with the mentions through which rows of a table speak of them.
macro_rules! of_families {
    ($table:ident.$subject:ident, $first:expr, $last:expr, ($($column:expr),* $(,)?)) => {
        $table::table
            .inner_join(mention::table.on($table::$subject.eq(mention::id)))
            .inner_join(person::table.on(mention::person.eq(person::id.nullable())))
            .filter(person::family.between($first, $last))
            .select((person::family.assume_not_null(), person::id, $table::load, $table::line, ($($column),*)))
    };
}

/// Family, person, load, line and what the row says.
type Row<T> = (i64, i64, i64, i64, T);

struct Reader<'a> {
    connection: &'a mut AnyConnection,
    ranks: &'a Ranks,
    first: i64,
    last: i64,
}

impl Reader<'_> {
    fn rank(&self, load: i64, line: i64) -> Rank {
        let (as_of, load) = self.ranks.get(&load).copied().unwrap_or((NaiveDate::MIN, load));
        (as_of, load, line)
    }
}

/// Reads every table for families from `first` to `last`.
pub(super) fn read(
    connection: &mut AnyConnection,
    ranks: &Ranks,
    first: i64,
    last: i64,
    files: &mut Files,
) -> Result<(), StoreError> {
    let mut reader = Reader { connection, ranks, first, last };
    reader.assessments(files)?;
    reader.sessions(files)?;
    reader.incidents(files)?;
    reader.spells(files)?;
    reader.care(files)?;
    reader.episodes(files)?;
    reader.housing(files)?;
    reader.circumstances(files)
}

impl Reader<'_> {
    fn assessments(&mut self, files: &mut Files) -> Result<(), StoreError> {
        type Says = (
            String,
            String,
            NaiveDate,
            Option<NaiveDate>,
            Option<i32>,
            Option<NaiveDate>,
            Option<NaiveDate>,
            String,
            Option<String>,
        );
        let rows: Vec<Row<Says>> = of_families!(
            assessment.child,
            self.first,
            self.last,
            (
                assessment::reference,
                assessment::kind,
                assessment::started,
                assessment::completed,
                assessment::whole_family,
                assessment::plan_made,
                assessment::key_worker_from,
                assessment::needs,
                assessment::referral_source,
            )
        )
        .load(self.connection)?;
        let mut newest = Newest::new();
        for (family, child, load, line, says) in rows {
            let (
                reference,
                kind,
                started,
                completed,
                whole_family,
                plan_made,
                key_worker_from,
                needs,
                referral,
            ) = says;
            let value = Assessment {
                child: person_id(child),
                kind: AssessmentKind::from_word(&kind).ok_or_else(|| unreadable("assessment"))?,
                started,
                completed,
                whole_family: whole_family.map(|whole| whole != 0),
                plan_made,
                key_worker_from,
                needs: serde_json::from_str(&needs).map_err(|_| unreadable("assessment"))?,
                referral_source: referral,
                origin: Origin { load, line },
            };
            newest.put((family, child, reference, kind), self.rank(load, line), value);
        }
        for ((family, ..), value) in newest.into_values() {
            files.entry(family).and_modify(|file| file.assessments.push(value));
        }
        Ok(())
    }

    fn sessions(&mut self, files: &mut Files) -> Result<(), StoreError> {
        type Says = (NaiveDate, NaiveDate, i32, String, i32, i32);
        let rows = of_families!(
            session_count.pupil,
            self.first,
            self.last,
            (
                session_count::term_from,
                session_count::term_to,
                session_count::possible,
                session_count::code,
                session_count::absence,
                session_count::sessions,
            )
        );
        let mut newest = Newest::new();
        let (ranks, first) = (self.ranks, NaiveDate::MIN);
        for row in rows.load_iter::<Row<Says>, _>(self.connection)? {
            let (family, pupil, load, line, (from, to, possible, code, absence, sessions)) = row?;
            let rank = ranks.get(&load).copied().unwrap_or((first, load));
            let value = (to, possible, absence, sessions, Origin { load, line });
            newest.put((family, pupil, from, code), (rank.0, rank.1, line), value);
        }
        // By pupil and term, so each entry to add to is the last.
        for ((family, pupil, from, _), (to, possible, absence, sessions, origin)) in newest.into_values() {
            let Some(file) = files.get_mut(&family) else { continue };
            let pupil = person_id(pupil);
            let is_last = |term: &TermSessions| term.pupil == pupil && term.term.from == from;
            if !file.sessions.last().is_some_and(is_last) {
                let term = Days { from, to };
                file.sessions.push(TermSessions {
                    pupil,
                    term,
                    possible: 0,
                    absent: 0,
                    authorised: 0,
                    origins: Vec::new(),
                });
            }
            let Some(term) = file.sessions.last_mut() else { continue };
            term.possible = term.possible.max(possible.unsigned_abs());
            term.term.to = term.term.to.max(to);
            term.origins.push(origin);
            if absence != 0 {
                term.absent = term.absent.saturating_add(sessions.unsigned_abs());
            }
            if absence == WITH_LEAVE {
                term.authorised = term.authorised.saturating_add(sessions.unsigned_abs());
            }
        }
        Ok(())
    }

    fn incidents(&mut self, files: &mut Files) -> Result<(), StoreError> {
        let rows: Vec<Row<(String, NaiveDate, String)>> = of_families!(
            incident.person,
            self.first,
            self.last,
            (incident::reference, incident::happened_on, incident::kind)
        )
        .load(self.connection)?;
        let mut newest = Newest::new();
        for (family, person, load, line, (reference, on, kind)) in rows {
            let kind = IncidentKind::from_word(&kind).ok_or_else(|| unreadable("incident"))?;
            let value = Incident { person: person_id(person), on, kind, origin: Origin { load, line } };
            newest.put((family, person, reference), self.rank(load, line), value);
        }
        for ((family, ..), value) in newest.into_values() {
            files.entry(family).and_modify(|file| file.incidents.push(value));
        }
        Ok(())
    }

    fn spells(&mut self, files: &mut Files) -> Result<(), StoreError> {
        type Says = (String, NaiveDate, String, Option<NaiveDate>);
        let rows: Vec<Row<Says>> = of_families!(
            spell.person,
            self.first,
            self.last,
            (spell::kind, spell::from_day, spell::description, spell::to_day)
        )
        .load(self.connection)?;
        let mut newest = Newest::new();
        for (family, person, load, line, (kind, from, description, to)) in rows {
            newest.put(
                (family, person, kind, from, description),
                self.rank(load, line),
                (to, Origin { load, line }),
            );
        }
        for ((family, person, kind, from, _), (to, origin)) in newest.into_values() {
            let Some(file) = files.get_mut(&family) else { continue };
            let spell = Spell { person: person_id(person), from, to, origin };
            match kind.as_str() {
                "benefit" => file.benefits.push(spell),
                "job" => file.jobs.push(spell),
                _ => return Err(unreadable("spell")),
            }
        }
        Ok(())
    }

    fn care(&mut self, files: &mut Files) -> Result<(), StoreError> {
        let rows: Vec<Row<(String, NaiveDate, Option<NaiveDate>)>> = of_families!(
            care_spell.child,
            self.first,
            self.last,
            (care_spell::kind, care_spell::from_day, care_spell::to_day)
        )
        .load(self.connection)?;
        let mut newest = Newest::new();
        for (family, child, load, line, (kind, from, to)) in rows {
            newest.put((family, child, kind, from), self.rank(load, line), (to, Origin { load, line }));
        }
        for ((family, child, kind, from), (to, origin)) in newest.into_values() {
            let kind = CareKind::from_word(&kind).ok_or_else(|| unreadable("care_spell"))?;
            let value = CareSpell { child: person_id(child), kind, from, to, origin };
            files.entry(family).and_modify(|file| file.care.push(value));
        }
        Ok(())
    }

    fn episodes(&mut self, files: &mut Files) -> Result<(), StoreError> {
        type Says = (String, NaiveDate, Option<NaiveDate>, Option<String>, Option<String>);
        let rows: Vec<Row<Says>> = of_families!(
            episode.child,
            self.first,
            self.last,
            (episode::reference, episode::opened, episode::closed, episode::reason, episode::received_from)
        )
        .load(self.connection)?;
        let mut newest = Newest::new();
        for (family, child, load, line, (reference, opened, closed, reason, received_from)) in rows {
            let received_from = received_from.map(|code| code.parse()).transpose();
            let received_from = received_from.map_err(|_| unreadable("episode"))?;
            let (child_id, origin) = (person_id(child), Origin { load, line });
            let value = Episode { child: child_id, opened, closed, reason, received_from, origin };
            newest.put((family, reference, child), self.rank(load, line), value);
        }
        for ((family, ..), value) in newest.into_values() {
            files.entry(family).and_modify(|file| file.episodes.push(value));
        }
        Ok(())
    }

    fn housing(&mut self, files: &mut Files) -> Result<(), StoreError> {
        let rows: Vec<Row<(String, NaiveDate, Option<NaiveDate>)>> = of_families!(
            housing_spell.person,
            self.first,
            self.last,
            (housing_spell::kind, housing_spell::from_day, housing_spell::to_day)
        )
        .load(self.connection)?;
        let mut newest = Newest::new();
        for (family, person, load, line, (kind, from, to)) in rows {
            newest.put((family, person, kind, from), self.rank(load, line), (to, Origin { load, line }));
        }
        for ((family, person, kind, from), (to, origin)) in newest.into_values() {
            let kind = HousingKind::from_word(&kind).ok_or_else(|| unreadable("housing_spell"))?;
            let value = HousingSpell { person: person_id(person), kind, from, to, origin };
            files.entry(family).and_modify(|file| file.housing.push(value));
        }
        Ok(())
    }

    fn circumstances(&mut self, files: &mut Files) -> Result<(), StoreError> {
        type Says = (String, Option<String>, NaiveDate, Option<NaiveDate>);
        let rows: Vec<Row<Says>> = of_families!(
            circumstance.person,
            self.first,
            self.last,
            (circumstance::kind, circumstance::asked, circumstance::from_day, circumstance::to_day)
        )
        .load(self.connection)?;
        let mut newest = Newest::new();
        for (family, person, load, line, (kind, asked, from, to)) in rows {
            let kind = CircumstanceKind::from_word(&kind).ok_or_else(|| unreadable("circumstance"))?;
            // An answer is traced or not: of two about the same days the newer stands.
            let is_answer = matches!(kind, CircumstanceKind::Traced | CircumstanceKind::NotTraced);
            let what = Some(kind).filter(|_| !is_answer);
            let value = (kind, to, Origin { load, line });
            newest.put((family, person, what, asked, from), self.rank(load, line), value);
        }
        for ((family, person, _, asked, from), (kind, to, origin)) in newest.into_values() {
            let source = asked.as_deref().and_then(SourceKind::from_word);
            let value = Circumstance { person: person_id(person), kind, source, from, to, origin };
            files.entry(family).and_modify(|file| file.circumstances.push(value));
        }
        Ok(())
    }
}
