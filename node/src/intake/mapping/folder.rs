//! A borough's own mappings beside those that ship with the program.

use std::{collections::BTreeSet, fs, io, path::Path};

use crate::intake::mapping::{FolderFault, Mapping};

impl Mapping {
    /// The shipped mappings and those of a folder's `*.toml`; one of the folder takes the place of a shipped one
    /// of its name.
    ///
    /// # Errors
    /// Where the folder cannot be read, or one of its files has faults or another's name.
    pub fn with_folder(folder: &Path) -> Result<Vec<Self>, FolderFault> {
        let unreadable = |path: &Path, error: &io::Error| FolderFault::Unreadable {
            path: path.display().to_string(),
            reason: error.kind().to_string(),
        };
        let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
        let paths: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
        let mut paths = paths.map_err(|error| unreadable(folder, &error))?;
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
        paths.sort();
        let mut names = BTreeSet::new();
        let mut mappings = Self::shipped().to_vec();
        for path in paths {
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
            let mapping = Self::from_toml(&text)
                .map_err(|faults| FolderFault::Faulty { file: file.clone(), faults })?;
            if !names.insert(mapping.name.clone()) {
                return Err(FolderFault::NameTwice { file, name: mapping.name });
            }
            mappings.retain(|known| known.name != mapping.name);
            mappings.push(mapping);
        }
        Ok(mappings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_of_the_folder_takes_the_place_of_a_shipped_one() {
        let folder = tempfile::tempdir().unwrap();
        let shipped = include_str!("../../../../config/mappings/housing.toml");
        fs::write(folder.path().join("ours.toml"), shipped.replace("Tenancies in trouble", "Our tenancies"))
            .unwrap();
        fs::write(folder.path().join("notes.txt"), "not a mapping").unwrap();
        let mappings = Mapping::with_folder(folder.path()).unwrap();
        let ours: Vec<&Mapping> = mappings.iter().filter(|mapping| mapping.name == "housing").collect();
        assert_eq!((mappings.len(), ours.len()), (Mapping::shipped().len(), 1));
        assert!(ours[0].title.starts_with("Our tenancies"));

        fs::write(folder.path().join("more.toml"), shipped).unwrap();
        let taken = Mapping::with_folder(folder.path()).unwrap_err().to_string();
        assert!(taken.starts_with("ours.toml: the name \"housing\" is taken"), "{taken}");

        fs::write(folder.path().join("more.toml"), "name = 1").unwrap();
        assert!(matches!(Mapping::with_folder(folder.path()), Err(FolderFault::Faulty { .. })));
        assert!(matches!(
            Mapping::with_folder(&folder.path().join("no")),
            Err(FolderFault::Unreadable { .. })
        ));
    }
}
