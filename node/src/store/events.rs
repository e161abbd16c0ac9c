//! Events as an officer recorded them: one a line and stream, for ever.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use tenfold_common::clock::Moment;
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::schema::event;
use crate::{
    register::{FamilyId, LineId},
    release::{
        selection::RecordedEvent,
        tally::{Event, Labels},
    },
};

#[derive(diesel::Insertable)]
#[diesel(table_name = event, treat_none_as_default_value = false)]
struct NewRow<'a> {
    line: &'a str,
    family: &'a str,
    stream: &'a str,
    recorded_at: ColumnTime,
    recorded_by: &'a str,
    ward: Option<&'a str>,
    labels: String,
    framework: &'a str,
}

/// Records an event.
///
/// # Errors
/// `AlreadyRecorded` where the line has one in this stream.
pub fn record(
    connection: &mut AnyConnection,
    recorded: &RecordedEvent,
    by: &str,
    framework: &str,
) -> Result<(), StoreError> {
    let labels = serde_json::to_string(&recorded.event.labels)
        .map_err(|_| StoreError::Failed { reason: "an event's labels cannot be written".to_owned() })?;
    let row = NewRow {
        line: &recorded.line.0,
        family: &recorded.family.0,
        stream: &recorded.stream,
        recorded_at: recorded.recorded_at.naive(),
        recorded_by: by,
        ward: recorded.event.ward.as_ref().map(|ward| ward.as_str()),
        labels,
        framework,
    };
    diesel::insert_into(event::table).values(&row).execute(connection)?;
    Ok(())
}

/// Takes back the events of one stream of some families that were recorded since a moment; how many.
///
/// # Errors
/// Where the database refuses.
pub fn take_back(
    connection: &mut AnyConnection,
    stream: &str,
    families: &[String],
    since: Moment,
) -> Result<usize, StoreError> {
    let mut taken = 0;
    for some in families.chunks(500) {
        let these = event::table
            .filter(event::stream.eq(stream))
            .filter(event::family.eq_any(some))
            .filter(event::recorded_at.ge(since.naive()));
        taken += diesel::delete(these).execute(connection)?;
    }
    Ok(taken)
}

type Row = (String, String, String, ColumnTime, Option<String>, String);

/// All events of a stream in the order they were recorded.
///
/// # Errors
/// Where a row cannot be read back.
pub fn of_stream(connection: &mut AnyConnection, stream: &str) -> Result<Vec<RecordedEvent>, StoreError> {
    let rows: Vec<Row> = event::table
        .filter(event::stream.eq(stream))
        .order((event::recorded_at.asc(), event::line.asc()))
        .select((event::line, event::family, event::stream, event::recorded_at, event::ward, event::labels))
        .load(connection)?;
    rows.into_iter().map(read).collect()
}

fn read((line, family, stream, recorded_at, ward, labels): Row) -> Result<RecordedEvent, StoreError> {
    let unreadable = |reason: &str| StoreError::Unreadable { table: "event", reason: reason.to_owned() };
    let labels: Labels = serde_json::from_str(&labels).map_err(|_| unreadable("no labels"))?;
    let ward = ward.map(|ward| ward.parse()).transpose().map_err(|_| unreadable("no ward code"))?;
    Ok(RecordedEvent {
        line: LineId(line),
        family: FamilyId(family),
        stream,
        recorded_at: Moment::from_naive(recorded_at),
        event: Event { ward, labels },
    })
}
