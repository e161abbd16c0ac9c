//! Records on their way in: kept as they arrived, by load and line, each with the mention of who is meant.
//!
//! A row is never changed afterwards. What a later load says of the same thing stands above it when the register
//! is read; undoing a load is deleting its rows.

mod earlier;
mod mentions;

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use tenfold_store::{AnyConnection, StoreError};

use super::schema::{
    assessment, care_spell, circumstance, episode, history, housing_spell, incident, mention, mention_load,
    quarantine_row, query_row, session_count, spell,
};
use crate::{
    intake::record::{
        Address, AnswerRow, AssessmentRow, CareRow, CircumstanceRow, EpisodeRow, HousingRow, IncidentRow,
        Record, SessionsRow, SpellKind, SpellRow,
    },
    register::{
        CircumstanceKind, Days,
        identifiers::Uprn,
        matching::{CaseId, Who},
    },
};

use earlier::NewHistory;
pub use mentions::Mentions;

/// So many rows are held before they are written.
const HELD: usize = 4_000;

macro_rules! row {
    ($name:ident, $table:ident { $($field:ident: $type:ty,)* }) => {
        #[derive(diesel::Insertable)]
        #[diesel(table_name = $table, treat_none_as_default_value = false)]
        struct $name { load: i64, line: i64, $($field: $type,)* }
    };
}

row!(NewAssessment, assessment {
    reference: String,
    child: i64,
    carer: Option<i64>,
    kind: &'static str,
    started: NaiveDate,
    completed: Option<NaiveDate>,
    whole_family: Option<i32>,
    plan_made: Option<NaiveDate>,
    key_worker: Option<String>,
    key_worker_from: Option<NaiveDate>,
    needs: String,
    address: Option<String>,
    postcode: Option<String>,
    family_ref: Option<String>,
    uprn: Option<String>,
    ward: Option<String>,
    referral_source: Option<String>,
});
row!(
    NewSessions,
    session_count {
        pupil: i64,
        term_from: NaiveDate,
        term_to: NaiveDate,
        possible: i32,
        code: String,
        absence: i32,
        sessions: i32,
    }
);
row!(NewIncident, incident { reference: String, person: i64, happened_on: NaiveDate, kind: &'static str, });
row!(NewSpell, spell {
    person: i64,
    kind: &'static str,
    from_day: NaiveDate,
    description: String,
    to_day: Option<NaiveDate>,
});
row!(NewCare, care_spell { child: i64, kind: &'static str, from_day: NaiveDate, to_day: Option<NaiveDate>, });
row!(NewEpisode, episode {
    reference: String,
    child: i64,
    opened: NaiveDate,
    closed: Option<NaiveDate>,
    reason: Option<String>,
    received_from: Option<String>,
        family_ref: Option<String>,
});
row!(NewHousing, housing_spell {
    person: i64,
    kind: &'static str,
    from_day: NaiveDate,
    to_day: Option<NaiveDate>,
    address: Option<String>,
    postcode: Option<String>,
    uprn: Option<String>,
});
row!(NewCircumstance, circumstance {
    person: i64,
    kind: &'static str,
    asked: Option<&'static str>,
    from_day: NaiveDate,
    to_day: Option<NaiveDate>,
});

/// The rows of one load on their way in.
pub struct Rows {
    load: i64,
    /// Whether the source's numbers of families hold.
    families_hold: bool,
    held: usize,
    /// How many rows speak of each mention.
    spoken_of: HashMap<i64, u64>,
    assessments: Vec<NewAssessment>,
    sessions: Vec<NewSessions>,
    incidents: Vec<NewIncident>,
    spells: Vec<NewSpell>,
    care: Vec<NewCare>,
    episodes: Vec<NewEpisode>,
    housing: Vec<NewHousing>,
    circumstances: Vec<NewCircumstance>,
    history: Vec<NewHistory>,
}

impl Rows {
    /// No rows yet of a load; `families_hold` where the source's numbers of families are authoritative.
    pub fn of(load: i64, families_hold: bool) -> Self {
        Self {
            load,
            families_hold,
            held: 0,
            spoken_of: HashMap::new(),
            assessments: Vec::new(),
            sessions: Vec::new(),
            incidents: Vec::new(),
            spells: Vec::new(),
            care: Vec::new(),
            episodes: Vec::new(),
            housing: Vec::new(),
            circumstances: Vec::new(),
            history: Vec::new(),
        }
    }

    /// Takes a record; it is written with the next thousands.
    ///
    /// # Errors
    /// Where the database refuses.
    pub fn take(
        &mut self,
        connection: &mut AnyConnection,
        mentions: &mut Mentions,
        line: u64,
        record: Record,
    ) -> Result<(), StoreError> {
        let (load, line) = (self.load, line.cast_signed());
        let subject = match record {
            Record::Assessment(row) => self.assessment(mentions, load, line, *row)?,
            Record::Sessions(row) => self.sessions(mentions, load, line, row),
            Record::Incident(row) => self.incident(mentions, load, line, row),
            Record::Spell(row) => self.spell(mentions, load, line, row),
            Record::Care(row) => self.care(mentions, load, line, &row),
            Record::Episode(row) => self.episode(mentions, load, line, row),
            Record::Housing(row) => self.housing(mentions, load, line, *row),
            Record::Circumstance(row) => self.circumstance(mentions, load, line, &row),
            Record::History(row) => self.history(mentions, load, line, *row),
            Record::Answer(row) => self.answer(mentions, load, line, *row),
        };
        *self.spoken_of.entry(subject).or_default() += 1;
        self.held += 1;
        if self.held >= HELD { self.flush(connection) } else { Ok(()) }
    }

    /// Writes what is held and who was spoken of; how many rows speak of each mention.
    ///
    /// # Errors
    /// Where the database refuses.
    pub fn finish(mut self, connection: &mut AnyConnection) -> Result<HashMap<i64, u64>, StoreError> {
        self.flush(connection)?;
        let mut spoken_of: Vec<i64> = self.spoken_of.keys().copied().collect();
        spoken_of.sort_unstable();
        let pairs: Vec<_> = spoken_of
            .into_iter()
            .map(|mention| (mention_load::load.eq(self.load), mention_load::mention.eq(mention)))
            .collect();
        super::bulk::insert_many!(connection, mention_load::table, &pairs);
        Ok(self.spoken_of)
    }

    fn flush(&mut self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        macro_rules! write {
            ($($table:ident: $rows:ident,)*) => { $(
                super::bulk::insert_many!(connection, $table::table, &self.$rows);
                self.$rows.clear();
            )* };
        }
        write! {
            assessment: assessments,
            session_count: sessions,
            incident: incidents,
            spell: spells,
            care_spell: care,
            episode: episodes,
            housing_spell: housing,
            circumstance: circumstances,
            history: history,
        }
        self.held = 0;
        Ok(())
    }

    fn family_ref(&self, family: Option<CaseId>) -> Option<String> {
        family.filter(|_| self.families_hold).map(|family| format!("{}:{}", family.system, family.id))
    }

    fn assessment(
        &mut self,
        mentions: &mut Mentions,
        load: i64,
        line: i64,
        row: AssessmentRow,
    ) -> Result<i64, StoreError> {
        let child = mentions.number(&row.child, "");
        // A carer of whom only the name is known is that child's carer and nobody else's.
        let scope =
            |who: &Who| if who.is_name_only() { row.child.identity("").to_string() } else { String::new() };
        let carer = row.carer.as_ref().map(|carer| mentions.number(carer, &scope(carer)));
        if let Some(carer) = carer {
            self.spoken_of.entry(carer).or_default();
        }
        let needs = serde_json::to_string(&row.needs).map_err(|_| StoreError::Failed {
            reason: "an assessment's needs cannot be written".to_owned(),
        })?;
        let Address { line: address, postcode, uprn, ward } = row.address;
        let family_ref = self.family_ref(row.family_id);
        self.assessments.push(NewAssessment {
            load,
            line,
            reference: row.reference,
            child,
            carer,
            kind: row.kind.as_str(),
            started: row.started,
            completed: row.completed,
            whole_family: row.whole_family.map(i32::from),
            plan_made: row.plan_made,
            key_worker: row.key_worker,
            key_worker_from: row.key_worker_from,
            needs,
            address,
            postcode,
            family_ref,
            uprn: uprn.as_ref().map(|uprn| uprn.as_str().to_owned()),
            ward: ward.map(|ward| ward.to_string()),
            referral_source: row.referral_source,
        });
        Ok(child)
    }

    fn sessions(&mut self, mentions: &mut Mentions, load: i64, line: i64, row: SessionsRow) -> i64 {
        let pupil = mentions.number(&row.pupil, "");
        let whole = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
        self.sessions.push(NewSessions {
            load,
            line,
            pupil,
            term_from: row.days.from,
            term_to: row.days.to,
            possible: whole(row.possible),
            code: row.code,
            absence: i32::from(row.is_absence) + i32::from(row.is_authorised),
            sessions: whole(row.sessions),
        });
        pupil
    }

    fn incident(&mut self, mentions: &mut Mentions, load: i64, line: i64, row: IncidentRow) -> i64 {
        // A name without a birthday means nobody outside its own incident.
        let scope = if row.person.is_name_only() { row.reference.as_str() } else { "" };
        let person = mentions.number(&row.person, scope);
        let kind = row.kind.as_str();
        self.incidents.push(NewIncident {
            load,
            line,
            reference: row.reference,
            person,
            happened_on: row.on,
            kind,
        });
        person
    }

    fn spell(&mut self, mentions: &mut Mentions, load: i64, line: i64, row: SpellRow) -> i64 {
        let person = mentions.number(&row.person, "");
        let kind = match row.kind {
            SpellKind::Benefit => "benefit",
            SpellKind::Job => "job",
        };
        let (from_day, to_day, description) = (row.from, row.to, row.description);
        self.spells.push(NewSpell { load, line, person, kind, from_day, description, to_day });
        person
    }

    fn care(&mut self, mentions: &mut Mentions, load: i64, line: i64, row: &CareRow) -> i64 {
        let child = mentions.number(&row.child, "");
        let (kind, from_day, to_day) = (row.kind.as_str(), row.from, row.to);
        self.care.push(NewCare { load, line, child, kind, from_day, to_day });
        child
    }

    fn episode(&mut self, mentions: &mut Mentions, load: i64, line: i64, row: EpisodeRow) -> i64 {
        let child = mentions.number(&row.child, "");
        let received_from = row.received_from.map(|code| code.to_string());
        let family_ref = self.family_ref(row.family_id);
        self.episodes.push(NewEpisode {
            load,
            line,
            reference: row.reference,
            child,
            opened: row.opened,
            closed: row.closed,
            reason: row.reason,
            received_from,
            family_ref,
        });
        child
    }

    fn housing(&mut self, mentions: &mut Mentions, load: i64, line: i64, row: HousingRow) -> i64 {
        // A name without a birthday means nobody outside its own home.
        let home =
            || [row.address.line.as_deref(), row.address.postcode.as_deref()].into_iter().flatten().collect();
        let scope: String = if row.person.is_name_only() { home() } else { String::new() };
        let person = mentions.number(&row.person, &scope);
        let uprn = row.address.uprn.as_ref().map(Uprn::as_str).map(str::to_owned);
        let (kind, from_day, to_day) = (row.kind.as_str(), row.from, row.to);
        let Address { line: address, postcode, .. } = row.address;
        self.housing.push(NewHousing { load, line, person, kind, from_day, to_day, address, postcode, uprn });
        person
    }

    fn circumstance(&mut self, mentions: &mut Mentions, load: i64, line: i64, row: &CircumstanceRow) -> i64 {
        let person = mentions.number(&row.person, "");
        let (kind, asked, from_day, to_day) =
            (row.kind.as_str(), row.source.map(|source| source.as_str()), row.from, row.to);
        self.circumstances.push(NewCircumstance { load, line, person, kind, asked, from_day, to_day });
        person
    }

    /// Whether the person was traced, for the days asked about; and what was found.
    fn answer(&mut self, mentions: &mut Mentions, load: i64, line: i64, row: AnswerRow) -> i64 {
        let person = mentions.number(&row.person, "");
        if let Some(Days { from: from_day, to }) = row.asked {
            let kind = if row.traced { CircumstanceKind::Traced } else { CircumstanceKind::NotTraced };
            let (kind, asked, to_day) = (kind.as_str(), Some(row.source.as_str()), Some(to));
            self.circumstances.push(NewCircumstance { load, line, person, kind, asked, from_day, to_day });
        }
        match row.spell {
            Some(spell) => self.spell(mentions, load, line, spell),
            None => person,
        }
    }
}

/// Deletes everything a load brought, and mentions that no other load has; the load itself stays as a trace.
///
/// # Errors
/// Where the database refuses.
pub fn remove(connection: &mut AnyConnection, load: i64) -> Result<(), StoreError> {
    macro_rules! delete {
        ($($table:ident),*) => { $(
            diesel::delete($table::table.filter($table::load.eq(load))).execute(connection)?;
        )* };
    }
    delete!(
        assessment,
        session_count,
        incident,
        spell,
        care_spell,
        episode,
        housing_spell,
        circumstance,
        history,
        quarantine_row,
        query_row,
        mention_load
    );
    let spoken_of = mention_load::table.select(mention_load::mention);
    diesel::delete(mention::table.filter(mention::id.ne_all(spoken_of))).execute(connection)?;
    Ok(())
}
