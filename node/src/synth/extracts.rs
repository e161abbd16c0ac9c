//! The files themselves: rows as a borough's systems would write them, quarter by quarter.

mod headings;
mod rows;
mod spoilt;

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use super::{SynthError, SynthPlan, coverage, dice::Dice, family::Family, load_day};

/// The kinds of extract, in the order in which they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extract {
    EarlyHelp,
    Sessions,
    Police,
    Dwp,
    SocialCare,
    Episodes,
}

impl Extract {
    const ALL: [Self; 6] =
        [Self::EarlyHelp, Self::Sessions, Self::Police, Self::Dwp, Self::SocialCare, Self::Episodes];
}

/// Which of the two case systems a borough has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CaseSystem {
    /// Nine boroughs.
    Liquidlogic,
    /// Oldham.
    Mosaic,
}

impl CaseSystem {
    fn of(plan: &SynthPlan) -> Self {
        if plan.borough.as_str() == "E08000004" { Self::Mosaic } else { Self::Liquidlogic }
    }
}

/// The quarter's files, open.
struct Folder {
    path: PathBuf,
    files: Vec<(PathBuf, csv::Writer<File>)>,
}

impl Folder {
    fn open(plan: &SynthPlan, out: &Path, at: usize) -> Result<Self, SynthError> {
        let quarter = plan.first_quarter.plus(at as i32);
        let path = out.join(quarter.to_string());
        fs::create_dir_all(&path).map_err(SynthError::unwritable(&path))?;
        let system = CaseSystem::of(plan);
        let mut files = Vec::new();
        for extract in Extract::ALL {
            let path = path.join(headings::file_name(extract, system));
            let file = File::create(&path).map_err(SynthError::unwritable(&path))?;
            files.push((path, csv::Writer::from_writer(file)));
        }
        let mut folder = Self { path, files };
        for extract in Extract::ALL {
            folder.put(extract, headings::headings(extract, system))?;
        }
        Ok(folder)
    }

    fn put<T: AsRef<[u8]>>(
        &mut self,
        extract: Extract,
        row: impl IntoIterator<Item = T>,
    ) -> Result<(), SynthError> {
        let (path, file) = &mut self.files[extract as usize];
        file.write_record(row).map_err(|error| SynthError::unwritable(path)(io::Error::from(error)))
    }

    fn close(self, plan: &SynthPlan, at: usize) -> Result<Vec<PathBuf>, SynthError> {
        let quarter = plan.first_quarter.plus(at as i32);
        let days = coverage(quarter);
        let mut about = format!("load_on = {}\n", load_day(quarter));
        let mut paths = Vec::new();
        for (path, mut file) in self.files {
            file.flush().map_err(SynthError::unwritable(&path))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let (from, to) = (days.from, days.to);
            about.push_str(&format!("\n[[extract]]\nfile = \"{name}\"\nas_of = {to}\n"));
            about.push_str(&format!("covers_from = {from}\ncovers_to = {to}\n"));
            paths.push(path);
        }
        let path = self.path.join("coverage.toml");
        fs::write(&path, about).map_err(SynthError::unwritable(&path))?;
        Ok(paths)
    }
}

/// Writes every quarter's extracts; returns how many rows, and the files.
pub(super) fn write(
    plan: &SynthPlan,
    families: &[Family],
    out: &Path,
) -> Result<(u64, Vec<PathBuf>), SynthError> {
    let mut folders = Vec::new();
    for at in 0..plan.quarters {
        folders.push(Folder::open(plan, out, at)?);
    }
    let mut count = 0;
    for (number, family) in families.iter().enumerate() {
        let mut dice = Dice::new(plan.seed, (1 << 20) + number as u64, 1);
        let system = CaseSystem::of(plan);
        for record in rows::of_family(plan, system, family) {
            let mut at: Vec<usize> = record.versions.clone();
            let first = at.first().copied().unwrap_or(plan.quarters);
            if first + 1 < plan.quarters && dice.chance(plan.shares.resent) {
                at.push(first + 1 + dice.below(plan.quarters - first - 1));
            }
            for quarter in at.into_iter().filter(|quarter| *quarter < plan.quarters) {
                let row = (record.row)(quarter);
                folders[quarter].put(record.extract, &row)?;
                count += 1;
                if dice.chance(plan.shares.malformed) {
                    folders[quarter]
                        .put(record.extract, spoilt::copy(record.extract, system, row, &mut dice))?;
                    count += 1;
                }
            }
        }
    }
    let mut paths = Vec::new();
    for (at, folder) in folders.into_iter().enumerate() {
        paths.extend(folder.close(plan, at)?);
    }
    Ok((count, paths))
}
