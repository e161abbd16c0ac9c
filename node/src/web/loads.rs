//! Files taken by upload, what happened to each, and one load with its quarantine.

use actix_web::{HttpResponse, http::StatusCode, http::header};
use askama::Template;
use tenfold_web::{Frame, Page, Refusal, SignedIn, Site};

use super::{
    frame,
    upload::{FormError, LARGEST_UPLOAD, LoadForm},
    view::{FaultLine, FileReport, LoadDetail, Tone},
};

#[derive(Template)]
#[template(path = "load_new.html")]
struct LoadNewPage {
    frame: Frame,
    form: LoadForm,
    errors: Vec<FormError>,
    most_megabytes: usize,
}

impl LoadNewPage {
    fn has_error(&self, field: &str) -> bool {
        self.errors.iter().any(|error| error.field == field)
    }
}

#[derive(Template)]
#[template(path = "load_report.html")]
struct LoadReportPage {
    frame: Frame,
    reports: Vec<FileReport>,
    nothing_loaded: bool,
}

#[derive(Template)]
#[template(path = "load.html")]
struct LoadPage {
    frame: Frame,
    load: LoadDetail,
}

/// The upload form, with what was typed and what is wrong with it.
///
/// # Errors
/// Where the template fails.
pub fn form(
    site: &Site,
    person: &SignedIn,
    form: LoadForm,
    errors: Vec<FormError>,
) -> Result<HttpResponse, Refusal> {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let most_megabytes = LARGEST_UPLOAD / 1_000_000;
    LoadNewPage { frame: frame(site, person, "/loads/new"), form, errors, most_megabytes }.answer_as(status)
}

/// What happened to the files of one upload.
///
/// # Errors
/// Where the template fails.
pub fn report(site: &Site, person: &SignedIn, reports: Vec<FileReport>) -> Result<HttpResponse, Refusal> {
    let nothing_loaded = reports.iter().any(|report| report.state.tone == Tone::Stops);
    LoadReportPage { frame: frame(site, person, "/loads/new"), reports, nothing_loaded }.answer()
}

/// One load with its quarantine.
///
/// # Errors
/// Where the template fails.
pub fn detail(site: &Site, person: &SignedIn, load: LoadDetail) -> Result<HttpResponse, Refusal> {
    LoadPage { frame: frame(site, person, "/loads/new"), load }.answer()
}

/// A row in quarantine as the file to be mended has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantineRow {
    /// Where, why and what to do.
    pub fault: FaultLine,
    /// The row as it arrived.
    pub raw: String,
}

/// The quarantine of a load as CSV, one line a fault, the raw row last.
pub fn quarantine_csv(load: i64, rows: &[QuarantineRow]) -> HttpResponse {
    let name = format!("attachment; filename=\"quarantine-load-{load}.csv\"");
    HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, name))
        .body(quarantine_text(rows))
}

fn quarantine_text(rows: &[QuarantineRow]) -> String {
    let mut text = String::from("row,column,what is wrong,what to do,row as it arrived\r\n");
    for QuarantineRow { fault, raw } in rows {
        let cells =
            [&fault.line.to_string(), &fault.column, &fault.reason, &fault.fix, raw].map(|cell| quoted(cell));
        text += &cells.join(",");
        text += "\r\n";
    }
    text
}

/// A cell in quotes, with an apostrophe before what a spreadsheet would run as a formula.
fn quoted(cell: &str) -> String {
    let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests;
