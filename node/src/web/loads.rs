//! Files taken by upload, what happened to each, and one load with its quarantine.

pub mod list;

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use tenfold_web::{Frame, Page, Refusal, SignedIn, Site};

use super::{
    frame,
    upload::{FormError, LARGEST_UPLOAD, LoadForm},
    view::{FileReport, LoadDetail, Tone},
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
    LoadNewPage { frame: frame(site, person, "/loads"), form, errors, most_megabytes }.answer_as(status)
}

/// What happened to the files of one upload.
///
/// # Errors
/// Where the template fails.
pub fn report(site: &Site, person: &SignedIn, reports: Vec<FileReport>) -> Result<HttpResponse, Refusal> {
    let nothing_loaded = reports.iter().any(|report| report.state.tone == Tone::Stops);
    LoadReportPage { frame: frame(site, person, "/loads"), reports, nothing_loaded }.answer()
}

/// One load with its quarantine.
///
/// # Errors
/// Where the template fails.
pub fn detail(site: &Site, person: &SignedIn, load: LoadDetail) -> Result<HttpResponse, Refusal> {
    LoadPage { frame: frame(site, person, "/loads"), load }.answer()
}

#[cfg(test)]
mod tests;
