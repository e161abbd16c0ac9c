//! Which mapping a file is for, told by its headings.

use std::{collections::BTreeSet, fmt};

use crate::intake::mapping::Mapping;

/// No mapping has all its columns in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRecognised {
    /// The title of the mapping that shares most headings, if any is shared.
    pub nearest: Option<String>,
    /// Its columns that the file lacks.
    pub missing: Vec<String>,
    /// The file's columns that it does not know.
    pub extra: Vec<String>,
    /// What would be recognised.
    pub known: Vec<String>,
}

impl fmt::Display for NotRecognised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(nearest) = &self.nearest else {
            return write!(
                f,
                "the headings are those of no source this node knows, expected one of: {}",
                self.known.join("; ")
            );
        };
        write!(f, "the file is nearest to {nearest} and lacks {}", quoted(&self.missing))?;
        if !self.extra.is_empty() {
            write!(f, "; it has {} instead or besides", quoted(&self.extra))?;
        }
        f.write_str("; correct the headings in the export, or save a mapping for this source")
    }
}

impl std::error::Error for NotRecognised {}

fn quoted(headings: &[String]) -> String {
    let quoted: Vec<String> = headings.iter().map(|heading| format!("{heading:?}")).collect();
    quoted.join(", ")
}

/// The mapping whose columns all stand in a file; where there are several, the one that reads most of them.
///
/// Columns that a mapping does not name are not read.
///
/// # Errors
/// Where there is none: the nearest, and what is missing.
pub fn recognise<'a>(headings: &[String], mappings: &'a [Mapping]) -> Result<&'a Mapping, NotRecognised> {
    let found: BTreeSet<String> = headings.iter().map(|heading| folded(heading)).collect();
    let shared = |mapping: &Mapping| {
        let columns = mapping.columns.iter();
        columns.filter(|column| found.contains(&folded(&column.heading))).count()
    };
    let lacks = |mapping: &Mapping| {
        let mut needed = mapping.headings_needed();
        needed.any(|column| !found.contains(&folded(&column.heading)))
    };
    if let Some(mapping) =
        mappings.iter().filter(|mapping| !lacks(mapping)).max_by_key(|mapping| shared(mapping))
    {
        return Ok(mapping);
    }
    // The larger share of its own columns decides, so that a long mapping does not win by a few common words.
    let share = |mapping: &Mapping| shared(mapping) * 1_000 / mapping.columns.len().max(1);
    let nearest = mappings.iter().max_by_key(|mapping| share(mapping)).filter(|mapping| shared(mapping) > 0);
    let known = mappings.iter().map(|mapping| mapping.title.clone()).collect();
    let Some(nearest) = nearest else {
        return Err(NotRecognised { nearest: None, missing: Vec::new(), extra: headings.to_vec(), known });
    };
    let named: BTreeSet<String> = nearest.columns.iter().map(|c| folded(&c.heading)).collect();
    let missing = nearest.headings_needed().map(|column| &column.heading);
    Err(NotRecognised {
        nearest: Some(nearest.title.clone()),
        missing: missing.filter(|h| !found.contains(&folded(h))).cloned().collect(),
        extra: headings.iter().filter(|h| !named.contains(&folded(h))).cloned().collect(),
        known,
    })
}

/// Headings are the same whatever their case and the spaces round them.
pub(crate) fn folded(heading: &str) -> String {
    heading.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headings(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn each_shipped_mapping_is_recognised_by_its_own_headings() {
        for mapping in Mapping::shipped() {
            let own: Vec<String> =
                mapping.columns.iter().map(|column| format!(" {} ", column.heading.to_uppercase())).collect();
            assert_eq!(recognise(&own, Mapping::shipped()).unwrap().name, mapping.name);
        }
    }

    #[test]
    fn an_unknown_file_is_told_the_nearest_mapping() {
        let file = headings("Child ID,Forename,Surname,DOB,NHS Number,Status,Start Date,End Date");
        insta::assert_snapshot!(
            recognise(&file, Mapping::shipped()).unwrap_err(),
            @r#"the file is nearest to Social-care statuses and lacks "Date of Birth"; it has "DOB" instead or besides; correct the headings in the export, or save a mapping for this source"#
        );
        let file = headings("Account,Balance");
        let stranger = recognise(&file, Mapping::shipped()).unwrap_err();
        assert_eq!(stranger.nearest, None);
        assert!(stranger.to_string().starts_with("the headings are those of no source"));
    }
}
