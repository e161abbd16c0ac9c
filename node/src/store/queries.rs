//! Questions that good rows raise, and the explanations people gave; an explanation outlives a resend.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use serde::Serialize;
use tenfold_common::clock::Moment;
use tenfold_store::{AnyConnection, StoreError};

use super::schema::{load, query_answer, query_row};
use crate::intake::query::Query;

/// A question as it is kept, with its explanation if one was given.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct KeptQuery {
    /// The load.
    pub load: i64,
    /// Its number within the load.
    pub number: i64,
    /// The kind of source.
    pub source: String,
    /// Line in the file.
    pub line: i64,
    /// The column's heading, or empty.
    pub column: String,
    /// The rule that asks.
    pub rule: String,
    /// What was asked.
    pub question: String,
    /// The explanation.
    pub explanation: Option<String>,
    /// Who gave it.
    pub answered_by: Option<String>,
    #[serde(skip)]
    own_key: String,
}

impl std::fmt::Debug for KeptQuery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} on line {} of load {}", self.rule, self.line, self.load)
    }
}

/// Keeps questions, numbered after `before`.
///
/// # Errors
/// Where the database refuses.
pub fn keep(
    connection: &mut AnyConnection,
    load: i64,
    before: i64,
    queries: &[Query],
) -> Result<(), StoreError> {
    let rows: Vec<_> = (before + 1..)
        .zip(queries)
        .map(|(number, query)| {
            (
                query_row::load.eq(load),
                query_row::number.eq(number),
                query_row::line.eq(query.place.line.cast_signed()),
                query_row::column_name.eq(query.place.column.clone().unwrap_or_default()),
                query_row::rule.eq(query.rule),
                query_row::own_key.eq(&query.own_key),
                query_row::question.eq(&query.question),
            )
        })
        .collect();
    super::bulk::insert!(connection, query_row::table, &rows);
    Ok(())
}

/// The questions of one load, or of all that stand, with their explanations.
///
/// # Errors
/// Where the database cannot be read.
pub fn all(connection: &mut AnyConnection, only: Option<i64>) -> Result<Vec<KeptQuery>, StoreError> {
    type Row = (i64, i64, i64, String, String, String, String);
    let rows = query_row::table.order((query_row::load.asc(), query_row::number.asc())).select((
        query_row::load,
        query_row::number,
        query_row::line,
        query_row::column_name,
        query_row::rule,
        query_row::own_key,
        query_row::question,
    ));
    let rows: Vec<Row> = match only {
        Some(load) => rows.filter(query_row::load.eq(load)).load(connection)?,
        None => rows.load(connection)?,
    };
    let sources: Vec<(i64, String)> = load::table.select((load::id, load::source)).load(connection)?;
    let sources: std::collections::HashMap<i64, String> = sources.into_iter().collect();
    type Answer = (String, String, String, String, String);
    let answers: Vec<Answer> = query_answer::table
        .select((
            query_answer::source,
            query_answer::rule,
            query_answer::own_key,
            query_answer::explanation,
            query_answer::answered_by,
        ))
        .load(connection)?;
    let answers: std::collections::HashMap<(String, String, String), (String, String)> = answers
        .into_iter()
        .map(|(source, rule, key, explanation, by)| ((source, rule, key), (explanation, by)))
        .collect();
    let kept = rows.into_iter().map(|(load, number, line, column, rule, own_key, question)| {
        let source = sources.get(&load).cloned().unwrap_or_default();
        let answer = answers.get(&(source.clone(), rule.clone(), own_key.clone())).cloned();
        let (explanation, answered_by) = answer.unzip();
        KeptQuery { load, number, source, line, column, rule, question, explanation, answered_by, own_key }
    });
    Ok(kept.collect())
}

/// Explains a question, in place of an earlier explanation.
///
/// # Errors
/// Where the database refuses.
pub fn explain(
    connection: &mut AnyConnection,
    query: &KeptQuery,
    explanation: &str,
    by: &str,
    now: Moment,
) -> Result<(), StoreError> {
    diesel::delete(query_answer::table.find((&query.source, &query.rule, &query.own_key)))
        .execute(connection)?;
    diesel::insert_into(query_answer::table)
        .values((
            query_answer::source.eq(&query.source),
            query_answer::rule.eq(&query.rule),
            query_answer::own_key.eq(&query.own_key),
            query_answer::explanation.eq(explanation),
            query_answer::answered_at.eq(now.naive()),
            query_answer::answered_by.eq(by),
        ))
        .execute(connection)?;
    Ok(())
}
