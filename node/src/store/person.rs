//! Everything the register holds of one person, row by row, with the file and line each came from.

use chrono::NaiveDate;
use diesel::{
    ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
};
use serde::Serialize;
use tenfold_store::{AnyConnection, StoreError};

use super::schema::{
    assessment, care_spell, circumstance, episode, history, housing_spell, incident, load, mention, person,
    session_count, spell,
};
use crate::register::{families::FamilyNumber, matching::PersonNumber};

/// How a source writes the person.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Forenames.
    pub given_name: String,
    /// Surname.
    pub family_name: String,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// Sex as recorded.
    pub sex: Option<String>,
    /// NHS number.
    pub nhs_number: Option<String>,
    /// Unique pupil number.
    pub upn: Option<String>,
    /// National Insurance number.
    pub ni_number: Option<String>,
    /// The case system's own id.
    pub case_id: Option<String>,
}

/// One field of a row.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct FieldTold {
    /// Its name.
    pub name: &'static str,
    /// What stands in it.
    pub value: String,
    /// Whether it is about somebody else too.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub third_party: bool,
}

/// One row about the person.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What kind of record it is.
    pub record: &'static str,
    /// The file.
    pub file: String,
    /// Line in the file.
    pub line: i64,
    /// Whether telling it could put somebody in danger: look at it first.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub safety: bool,
    /// What it says.
    pub fields: Vec<FieldTold>,
}

/// How the sources write a person.
///
/// # Errors
/// Where the database cannot be read.
pub fn written_as(connection: &mut AnyConnection, number: PersonNumber) -> Result<Vec<Told>, StoreError> {
    type Line = (
        (String, String, Option<NaiveDate>, Option<String>),
        (Option<String>, Option<String>, Option<String>, Option<String>),
    );
    let rows: Vec<Line> = mention::table
        .filter(mention::person.eq(number))
        .order(mention::id.asc())
        .select((
            (mention::given_name, mention::family_name, mention::birth_date, mention::sex),
            (mention::nhs_number, mention::upn, mention::ni_number, mention::case_id),
        ))
        .load(connection)?;
    let told = rows.into_iter().map(|(who, numbers)| {
        let (given_name, family_name, birth_date, sex) = who;
        let (nhs_number, upn, ni_number, case_id) = numbers;
        Told { given_name, family_name, birth_date, sex, nhs_number, upn, ni_number, case_id }
    });
    Ok(told.collect())
}

/// The family of a person.
///
/// # Errors
/// Where the database cannot be read.
pub fn family_of(
    connection: &mut AnyConnection,
    number: PersonNumber,
) -> Result<Option<FamilyNumber>, StoreError> {
    let family: Option<Option<i64>> =
        person::table.find(number).select(person::family).first(connection).optional()?;
    Ok(family.flatten())
}

/// What a row says, as it is put together.
struct Says(Vec<FieldTold>);

impl Says {
    fn new() -> Self {
        Self(Vec::new())
    }

    fn own(mut self, name: &'static str, value: impl Into<Option<String>>) -> Self {
        let value = value.into().filter(|value| !value.is_empty());
        self.0.extend(value.map(|value| FieldTold { name, value, third_party: false }));
        self
    }

    fn day(self, name: &'static str, day: impl Into<Option<NaiveDate>>) -> Self {
        let day: Option<NaiveDate> = day.into();
        self.own(name, day.map(|day| day.to_string()))
    }

    fn others(mut self, name: &'static str, value: Option<String>) -> Self {
        let value = value.filter(|value| !value.is_empty());
        self.0.extend(value.map(|value| FieldTold { name, value, third_party: true }));
        self
    }
}

macro_rules! of_person {
    ($table:ident.$subject:ident, $number:expr, ($($column:expr),* $(,)?)) => {
        $table::table
            .inner_join(mention::table.on($table::$subject.eq(mention::id)))
            .inner_join(load::table.on($table::load.eq(load::id)))
            .filter(mention::person.eq($number))
            .order(($table::load.asc(), $table::line.asc()))
            .select((load::file_name, $table::line, ($($column),*)))
    };
}

/// A row's file, line and what it says.
type Line<T> = (String, i64, T);

/// Every row about a person, table by table.
///
/// # Errors
/// Where the database cannot be read.
pub fn rows(connection: &mut AnyConnection, number: PersonNumber) -> Result<Vec<Row>, StoreError> {
    let mut all = Vec::new();
    let mut add = |record, file: String, line, safety, says: Says| {
        all.push(Row { record, file, line, safety, fields: says.0 });
    };
    type Assessed = (
        (String, String, NaiveDate, Option<NaiveDate>, Option<NaiveDate>, String),
        (Option<String>, Option<String>, Option<String>, Option<i64>, Option<String>),
    );
    let found: Vec<Line<Assessed>> = of_person!(
        assessment.child,
        number,
        (
            (
                assessment::reference,
                assessment::kind,
                assessment::started,
                assessment::completed,
                assessment::plan_made,
                assessment::needs
            ),
            (
                assessment::key_worker,
                assessment::address,
                assessment::postcode,
                assessment::carer,
                assessment::referral_source
            )
        )
    )
    .load(connection)?;
    for (
        file,
        line,
        ((reference, kind, started, completed, plan, needs), (worker, address, postcode, carer, referral)),
    ) in found
    {
        // An address may be the one that somebody hides from somebody; a need of a family is everybody's.
        let says = Says::new()
            .own("reference", reference)
            .own("kind", kind)
            .day("started", started)
            .day("completed", completed)
            .day("plan made", plan)
            .others("needs of the family", Some(needs))
            .others("key worker", worker)
            .others("address", address)
            .others("postcode", postcode)
            .others("carer", carer.map(|_| "named in the row".to_owned()))
            // Who asked for help may have done so in confidence.
            .others("referral source", referral);
        add("assessment", file, line, true, says);
    }
    type Counted = (NaiveDate, NaiveDate, i32, String, i32);
    let found: Vec<Line<Counted>> = of_person!(
        session_count.pupil,
        number,
        (
            session_count::term_from,
            session_count::term_to,
            session_count::possible,
            session_count::code,
            session_count::sessions
        )
    )
    .load(connection)?;
    for (file, line, (from, to, possible, code, sessions)) in found {
        let says = Says::new()
            .day("term from", from)
            .day("term to", to)
            .own("sessions possible", possible.to_string())
            .own("code", code)
            .own("sessions", sessions.to_string());
        add("school sessions", file, line, false, says);
    }
    let found: Vec<Line<(String, NaiveDate, String)>> =
        of_person!(incident.person, number, (incident::reference, incident::happened_on, incident::kind))
            .load(connection)?;
    for (file, line, (reference, on, kind)) in found {
        let safety = kind == "domestic-abuse";
        let says = Says::new().others("reference", Some(reference)).day("on", on).own("kind", kind);
        add("incident", file, line, safety, says);
    }
    type Spent = (String, NaiveDate, String, Option<NaiveDate>);
    let found: Vec<Line<Spent>> =
        of_person!(spell.person, number, (spell::kind, spell::from_day, spell::description, spell::to_day))
            .load(connection)?;
    for (file, line, (kind, from, description, to)) in found {
        let says =
            Says::new().own("kind", kind).day("from", from).own("description", description).day("to", to);
        add("benefit or job", file, line, false, says);
    }
    let found: Vec<Line<(String, NaiveDate, Option<NaiveDate>)>> =
        of_person!(care_spell.child, number, (care_spell::kind, care_spell::from_day, care_spell::to_day))
            .load(connection)?;
    for (file, line, (kind, from, to)) in found {
        add("social care", file, line, true, Says::new().own("kind", kind).day("from", from).day("to", to));
    }
    type Worked = (String, NaiveDate, Option<NaiveDate>, Option<String>);
    let found: Vec<Line<Worked>> = of_person!(
        episode.child,
        number,
        (episode::reference, episode::opened, episode::closed, episode::reason)
    )
    .load(connection)?;
    for (file, line, (reference, opened, closed, reason)) in found {
        let says = Says::new()
            .own("reference", reference)
            .day("opened", opened)
            .day("closed", closed)
            .others("reason", reason);
        add("episode of work", file, line, false, says);
    }
    type Housed = (String, NaiveDate, Option<NaiveDate>, Option<String>);
    let found: Vec<Line<Housed>> = of_person!(
        housing_spell.person,
        number,
        (housing_spell::kind, housing_spell::from_day, housing_spell::to_day, housing_spell::address)
    )
    .load(connection)?;
    for (file, line, (kind, from, to, address)) in found {
        let says = Says::new().own("kind", kind).day("from", from).day("to", to).others("address", address);
        add("housing", file, line, true, says);
    }
    let found: Vec<Line<(String, NaiveDate, Option<NaiveDate>)>> = of_person!(
        circumstance.person,
        number,
        (circumstance::kind, circumstance::from_day, circumstance::to_day)
    )
    .load(connection)?;
    for (file, line, (kind, from, to)) in found {
        let safety = kind == "custody" || kind == "moved-away";
        add(
            "circumstance",
            file,
            line,
            safety,
            Says::new().own("kind", kind).day("from", from).day("to", to),
        );
    }
    type Claimed = (NaiveDate, String, Option<String>, Option<NaiveDate>, Option<String>, Option<String>);
    let found: Vec<Line<Claimed>> = of_person!(
        history.person,
        number,
        (
            history::attached_on,
            history::programme,
            history::reference,
            history::claimed_on,
            history::state,
            history::postcode
        )
    )
    .load(connection)?;
    for (file, line, (attached, programme, reference, claimed, state, postcode)) in found {
        // The claim is the whole family's.
        let says = Says::new()
            .day("attached", attached)
            .own("programme", programme)
            .others("claim", reference)
            .others("claimed", claimed.map(|day| day.to_string()))
            .others("claim state", state)
            .others("postcode", postcode);
        add("before Tenfold", file, line, true, says);
    }
    Ok(all)
}

/// Where a family lives by its newest assessment that says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Home {
    /// In words.
    pub address: Option<String>,
    /// Postcode.
    pub postcode: Option<String>,
    /// Property reference.
    pub uprn: Option<String>,
}

/// Where every family lives by its newest assessment that says so.
///
/// # Errors
/// Where the database cannot be read.
pub fn homes(
    connection: &mut AnyConnection,
) -> Result<std::collections::HashMap<FamilyNumber, Home>, StoreError> {
    type Line = (Option<i64>, NaiveDate, Option<String>, Option<String>, Option<String>);
    let rows: Vec<Line> = assessment::table
        .inner_join(mention::table.on(assessment::child.eq(mention::id)))
        .inner_join(person::table.on(mention::person.eq(person::id.nullable())))
        .order((assessment::started.asc(), assessment::load.asc(), assessment::line.asc()))
        .select((
            person::family,
            assessment::started,
            assessment::address,
            assessment::postcode,
            assessment::uprn,
        ))
        .load(connection)?;
    let known = rows.into_iter().filter(|row| row.2.is_some() || row.3.is_some());
    Ok(known
        .filter_map(|(family, _, address, postcode, uprn)| Some((family?, Home { address, postcode, uprn })))
        .collect())
}
