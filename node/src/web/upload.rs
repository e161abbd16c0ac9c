//! An upload read from the browser: files and the dates they stand for, bounded, in memory, checked at once.

use actix_multipart::Multipart;
use chrono::NaiveDate;
use futures_util::TryStreamExt as _;
use tenfold_common::protocol::ProblemKind;
use tenfold_web::Refusal;

use crate::register::Days;

/// The most bytes of all files of one upload together.
pub const LARGEST_UPLOAD: usize = 200_000_000;

/// The most files of one upload.
const MOST_FILES: usize = 50;

/// The most bytes of a field that is not a file.
const LARGEST_FIELD: usize = 200;

/// What was typed into the form, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadForm {
    /// When the source made the files, as `YYYY-MM-DD`.
    pub as_of: String,
    /// First day covered.
    pub covers_from: String,
    /// Last day covered.
    pub covers_to: String,
    /// Whether good rows are taken although others have faults.
    pub take_good_rows: bool,
}

/// Something wrong with the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormError {
    /// The field's id on the page.
    pub field: &'static str,
    /// What is wrong and what was expected.
    pub words: &'static str,
}

/// A file as the browser sent it.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, without folders.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "file of {} bytes", self.bytes.len())
    }
}

/// An upload as it arrived.
#[derive(Debug, Default)]
pub struct Upload {
    /// The form's token.
    pub csrf: String,
    /// What was typed.
    pub form: LoadForm,
    /// The files.
    pub files: Vec<File>,
}

/// The dates of a form once they are known to make sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadDates {
    /// When the source made the files.
    pub as_of: NaiveDate,
    /// The days they cover.
    pub covers: Days,
}

/// Reads a whole upload into memory.
///
/// # Privacy
/// Errors hold nothing of what was sent.
///
/// # Errors
/// `TooLarge` beyond [`LARGEST_UPLOAD`], `Malformed` where it is no form of ours.
pub async fn read(mut parts: Multipart) -> Result<Upload, Refusal> {
    let malformed = |_| Refusal::new(ProblemKind::Malformed).because("the upload broke off; send it again");
    let too_large = || {
        Refusal::new(ProblemKind::TooLarge)
            .because("the files are larger than 200 MB together, or more than 50")
    };
    let mut upload = Upload::default();
    let mut room = LARGEST_UPLOAD;
    while let Some(mut part) = parts.try_next().await.map_err(malformed)? {
        let disposition = part.content_disposition();
        let field = part.name().unwrap_or_default().to_owned();
        let file_name = disposition.and_then(|d| d.get_filename()).map(base_name);
        let most = if file_name.is_some() { room } else { LARGEST_FIELD };
        let mut bytes = Vec::new();
        while let Some(chunk) = part.try_next().await.map_err(malformed)? {
            if bytes.len() + chunk.len() > most {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        match file_name {
            // A file field that was left empty arrives as one file without name or bytes.
            Some(name) if name.is_empty() && bytes.is_empty() => {}
            Some(name) => {
                room -= bytes.len();
                upload.files.push(File { name, bytes });
                if upload.files.len() > MOST_FILES {
                    return Err(too_large());
                }
            }
            None => keep(&mut upload, &field, &String::from_utf8_lossy(&bytes)),
        }
    }
    Ok(upload)
}

fn keep(upload: &mut Upload, field: &str, value: &str) {
    let value = value.trim().to_owned();
    match field {
        "csrf" => upload.csrf = value,
        "as_of" => upload.form.as_of = value,
        "covers_from" => upload.form.covers_from = value,
        "covers_to" => upload.form.covers_to = value,
        "rows" => upload.form.take_good_rows = value == "take-good",
        _ => {}
    }
}

fn base_name(name: &str) -> String {
    name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned()
}

impl Upload {
    /// The dates, or everything that is wrong with the form at once.
    ///
    /// # Errors
    /// Where a date is missing or contradicts another, or no file was chosen.
    pub fn check(&self, today: NaiveDate) -> Result<LoadDates, Vec<FormError>> {
        let form = &self.form;
        let mut errors = Vec::new();
        let mut wrong = |field, words| errors.push(FormError { field, words });
        if self.files.is_empty() {
            wrong("files", "Choose at least one file");
        }
        let as_of = form.as_of.parse::<NaiveDate>().ok();
        let from = form.covers_from.parse::<NaiveDate>().ok();
        let to = form.covers_to.parse::<NaiveDate>().ok();
        match as_of {
            None => wrong("as-of", "Enter the day on which the source made the files"),
            Some(day) if day > today => {
                wrong("as-of", "The day the files were made must not lie in the future")
            }
            Some(_) => {}
        }
        if from.is_none() {
            wrong("covers-from", "Enter the first day the files cover");
        }
        match (from, to, as_of) {
            (_, None, _) => wrong("covers-to", "Enter the last day the files cover"),
            (Some(from), Some(to), _) if to < from => {
                wrong("covers-to", "The last day covered must not lie before the first");
            }
            (_, Some(to), Some(as_of)) if to > as_of => {
                wrong("covers-to", "The last day covered must not lie after the day the files were made");
            }
            _ => {}
        }
        match (as_of, from, to) {
            (Some(as_of), Some(from), Some(to)) if errors.is_empty() => {
                Ok(LoadDates { as_of, covers: Days { from, to } })
            }
            _ => Err(errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(as_of: &str, from: &str, to: &str) -> Upload {
        let form = LoadForm {
            as_of: as_of.into(),
            covers_from: from.into(),
            covers_to: to.into(),
            take_good_rows: false,
        };
        let files = vec![File { name: "a.csv".into(), bytes: vec![] }];
        Upload { csrf: String::new(), form, files }
    }

    #[test]
    fn every_fault_of_the_form_is_named_at_once() {
        let today = "2015-07-20".parse().unwrap();
        let fields = |upload: &Upload| -> Vec<&str> {
            upload.check(today).map_or_else(|errors| errors.iter().map(|e| e.field).collect(), |_| vec![])
        };
        assert!(fields(&upload("2015-07-20", "2015-04-01", "2015-06-30")).is_empty());
        assert_eq!(fields(&upload("", "", "")), ["as-of", "covers-from", "covers-to"]);
        assert_eq!(fields(&upload("2015-07-21", "2015-04-01", "2015-06-30")), ["as-of"]);
        assert_eq!(fields(&upload("2015-07-20", "2015-07-01", "2015-06-30")), ["covers-to"]);
        assert_eq!(fields(&upload("2015-06-01", "2015-04-01", "2015-06-30")), ["covers-to"]);
        assert_eq!(
            fields(&Upload { files: vec![], ..upload("2015-07-20", "2015-04-01", "2015-06-30") }),
            ["files"]
        );
    }

    #[test]
    fn folders_are_no_part_of_a_name() {
        assert_eq!(base_name("C:\\data\\a.csv"), "a.csv");
        assert_eq!(base_name("../a.csv"), "a.csv");
    }
}
