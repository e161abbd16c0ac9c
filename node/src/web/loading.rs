//! The pages of loading, wired to their duty: a form, what became of the files, a load with its quarantine.

use actix_multipart::Multipart;
use actix_web::{
    HttpResponse,
    http::header,
    web::{Data, Path},
};
use tenfold_common::{clock::Moment, protocol::ProblemKind};
use tenfold_store::{Account, Role};
use tenfold_web::{Refusal, SignedIn, Site, words};

use super::{
    loads, refusal, upload,
    upload::LoadForm,
    view::{FaultLine, FileReport, LoadDetail, MOST_FAULTS, QuestionLine, SourceLine, Tag, Tone},
};
use crate::{
    duties::{
        DutyError, Node,
        load::{self, Content, GivenFile, LoadReport, LoadRequest, Outcome, ToldFault},
        look::{self, KeptFault, Load, SourceState},
        quarantine,
        queries::{self, KeptQuery},
        undo,
    },
    register::SourceKind,
};

/// How a source is called on pages.
pub(super) fn title(source: &str) -> String {
    match SourceKind::from_word(source) {
        Some(SourceKind::EarlyHelp) => "Early-help assessments",
        Some(SourceKind::SchoolSessions) => "School sessions",
        Some(SourceKind::Police) => "Police incidents",
        Some(SourceKind::Dwp) => "DWP spells",
        Some(SourceKind::SocialCare) => "Social care",
        Some(SourceKind::Episodes) => "Early-help episodes",
        Some(SourceKind::Housing) => "Housing",
        Some(SourceKind::Circumstances) => "Circumstances of people",
        Some(SourceKind::History) => "Families and claims before Tenfold",
        None => source,
    }
    .to_owned()
}

/// A source on the first page.
pub(super) fn source_line(state: SourceState) -> SourceLine {
    SourceLine {
        title: title(&state.source),
        agreement: Some(state.agreement).filter(|reference| !reference.is_empty()),
        as_of: state.as_of.map(words::short_day),
        coverage: state
            .covers
            .map(|(from, to)| format!("{} to {}", words::short_day(from), words::short_day(to)))
            .into_iter()
            .collect(),
        rows_taken: words::whole(state.rows as f64),
        rows_quarantined: state.quarantined.unsigned_abs(),
        newest: state.newest.map(|id| format!("/loads/{id}")),
    }
}

/// The form for loading files.
///
/// # Errors
/// Where the role does not load, or the template fails.
pub async fn ask(person: SignedIn, site: Data<Site>) -> Result<HttpResponse, Refusal> {
    person.must_be(&[Role::Analyst])?;
    loads::form(&site, &person, LoadForm::default(), Vec::new())
}

/// Takes an upload.
///
/// # Errors
/// Where the role does not load, the form is not this session's, or the duty fails.
pub async fn take(
    person: SignedIn,
    node: Data<Node>,
    site: Data<Site>,
    parts: Multipart,
) -> Result<HttpResponse, Refusal> {
    person.must_be(&[Role::Analyst])?;
    let upload = upload::read(parts).await?;
    person.sent(&upload.csrf)?;
    let dates = match upload.check(node.now().day()) {
        Ok(dates) => dates,
        Err(errors) => return loads::form(&site, &person, upload.form, errors),
    };
    let mut request = LoadRequest::new(dates.as_of, dates.covers);
    request.take_good_rows = upload.form.take_good_rows;
    let by =
        Account { name: person.name.clone(), display_name: person.display_name.clone(), role: person.role };
    let files: Vec<GivenFile> = upload
        .files
        .into_iter()
        .map(|file| GivenFile { name: file.name, content: Content::Bytes(file.bytes) })
        .collect();
    let store = node.store.clone();
    let reports =
        store.run(move |_| load::load(&node, &files, &request, &by, |_, _, _| {})).await.map_err(refusal)?;
    loads::report(&site, &person, reports.into_iter().map(report).collect())
}

fn report(report: LoadReport) -> FileReport {
    let (state, sentence) = match report.outcome {
        Outcome::Loaded if report.quarantined == 0 => {
            (Tag::new("Loaded", Tone::Good), format!("{} rows were taken.", report.rows))
        }
        Outcome::Loaded => (
            Tag::new("Loaded in part", Tone::Waits),
            format!("{} rows were taken, {} wait in quarantine.", report.rows, report.quarantined),
        ),
        Outcome::WouldLoad => {
            (Tag::new("Tried only", Tone::Plain), format!("{} rows would be taken.", report.rows))
        }
        Outcome::TakenBefore => {
            (Tag::new("Taken before", Tone::Plain), "It is loaded once; nothing was changed.".to_owned())
        }
        Outcome::Refused => (Tag::new("Not loaded", Tone::Stops), "Nothing of it was loaded.".to_owned()),
    };
    let more = report.faults.len().saturating_sub(MOST_FAULTS) as u64;
    FileReport {
        file_name: report.file,
        recognised_as: report.recognised_as,
        state,
        sentence,
        file_faults: report.file_faults,
        faults: report.faults.into_iter().take(MOST_FAULTS).map(told).collect(),
        faults_not_shown: more,
        href: report.load.map(|id| format!("/loads/{id}")),
    }
}

fn told(fault: ToldFault) -> FaultLine {
    FaultLine {
        line: fault.line,
        column: fault.column.unwrap_or_default(),
        reason: fault.reason,
        fix: fault.fix,
    }
}

fn kept(fault: &KeptFault) -> FaultLine {
    FaultLine {
        line: fault.line.unsigned_abs(),
        column: fault.column.clone(),
        reason: fault.reason.clone(),
        fix: fault.fix.clone(),
    }
}

/// A load, its faults, its questions, and why it cannot be undone.
type Found = (Load, Vec<KeptFault>, Vec<KeptQuery>, Option<String>);

async fn find(node: &Node, id: i64) -> Result<Found, Refusal> {
    let none = || Refusal::new(ProblemKind::NotFound).because(format!("there is no load {id}"));
    let (asked, store) = (node.clone(), node.store.clone());
    let found = store
        .run(move |_| {
            let Some((load, faults)) = look::load(&asked, id)? else { return Ok(None) };
            let obstacle = undo::obstacle(&asked, id)?;
            Ok::<_, DutyError>(Some((load, faults, queries::list(&asked, Some(id))?, obstacle)))
        })
        .await;
    found.map_err(refusal)?.ok_or_else(none)
}

/// One load with its quarantine.
///
/// # Errors
/// Where there is no such load.
pub async fn detail(
    person: SignedIn,
    node: Data<Node>,
    site: Data<Site>,
    id: Path<i64>,
) -> Result<HttpResponse, Refusal> {
    let (load, mut faults, questions, obstacle) = find(&node, *id).await?;
    let came_again = faults.iter().filter(|fault| fault.mended_by.is_some()).count();
    faults.retain(|fault| fault.mended_by.is_none());
    // Reasons and questions quote what stands in the file: for the analyst's screen only.
    let may_read = person.role == Role::Analyst;
    let fact = |name: &str, value: String| (name.to_owned(), value);
    let facts = vec![
        fact("Source", title(&load.source)),
        fact("Sharing agreement", load.agreement.clone()),
        fact("Current as of", words::day(load.as_of)),
        fact("Covers", format!("{} to {}", words::day(load.covers_from), words::day(load.covers_to))),
        fact("Rows taken", load.rows_taken.to_string()),
        fact("Rows about nobody of a family here", load.rows_unmatched.to_string()),
        fact("Rows put into quarantine", load.rows_quarantined.to_string()),
        fact("Faults of rows that came again", came_again.to_string()),
        fact(
            "Loaded",
            format!("{} by {}", words::moment(Moment::from_naive(load.loaded_at)), load.loaded_by),
        ),
        fact("SHA-256 of the file", load.file_sha256.clone()),
    ];
    let detail = LoadDetail {
        id: load.id,
        file_name: load.file_name,
        source: title(&load.source),
        facts,
        faults_not_shown: faults.len().saturating_sub(MOST_FAULTS) as u64,
        faults: faults.iter().take(MOST_FAULTS).map(kept).collect(),
        questions: questions.into_iter().take(MOST_FAULTS).map(question).collect(),
        may_read,
        may_undo: may_read && obstacle.is_none(),
        stays: obstacle.filter(|_| load.undone_at.is_none()),
        undone: load.undone_at.map(|at| {
            let by = load.undone_by.unwrap_or_default();
            format!("Undone {} by {by}.", words::moment(Moment::from_naive(at)))
        }),
    };
    loads::detail(&site, &person, detail)
}

fn question(query: KeptQuery) -> QuestionLine {
    QuestionLine {
        line: query.line,
        column: query.column,
        question: query.question,
        explanation: query.explanation.unwrap_or_default(),
    }
}

/// The quarantine of a load, to be mended and loaded again.
///
/// # Errors
/// Where there is no such load, or the role does not load.
pub async fn quarantine(person: SignedIn, node: Data<Node>, id: Path<i64>) -> Result<HttpResponse, Refusal> {
    person.must_be(&[Role::Analyst])?;
    let (store, id) = (node.store.clone(), *id);
    let exported = store.run(move |_| quarantine::export(&node, id)).await.map_err(refusal)?;
    let name = format!("attachment; filename=\"quarantine-load-{id}.csv\"");
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, name))
        .body(exported.text))
}
