//! What the documents say of the program is so: problems, places in the code, links, help texts.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{Command, CommandFactory};
use tenfold_common::protocol::ProblemKind;
use tenfold_tests::documents::{openapi, routes, schemas};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// README and every page under docs.
fn pages() -> Vec<(PathBuf, String)> {
    let mut paths = vec![repository().join("README.md")];
    for folder in ["docs", "docs/adr"] {
        let files = fs::read_dir(repository().join(folder)).unwrap().map(|file| file.unwrap().path());
        paths.extend(files.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    }
    paths.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn the_protocol_page_lists_every_problem() {
    let page = fs::read_to_string(repository().join("docs/PROTOCOL.md")).unwrap();
    let (_, page) = page.split_once("<!-- problems:").unwrap();
    let table = page.split("|---|---|---|\n").nth(1).unwrap().split("<!-- end -->").next().unwrap();
    let expected: String = ProblemKind::ALL
        .iter()
        .map(|kind| format!("| `{}` | {} | {} |\n", kind.label(), kind.status(), kind.title()))
        .collect();
    assert_eq!(table, expected);
}

/// Every `path.rs:name` names a file that defines such a thing.
#[test]
fn places_in_the_code_are_there() {
    let mut places = 0;
    for (path, page) in pages() {
        for quoted in page.split('`').skip(1).step_by(2) {
            let Some((file, name)) = quoted.split_once(".rs:") else { continue };
            let source = fs::read_to_string(repository().join(format!("{file}.rs")))
                .unwrap_or_else(|_| panic!("{}: there is no {file}.rs", path.display()));
            let defined = ["fn", "struct", "enum", "const", "trait"].iter().any(|kind| {
                source.match_indices(&format!("{kind} {name}")).any(|(at, found)| {
                    !source[at + found.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
                })
            });
            assert!(defined, "{}: {file}.rs does not define {name}", path.display());
            places += 1;
        }
    }
    assert!(places > 40, "only {places} places were found; has their form changed?");
}

/// Every link to a file of the repository leads somewhere, and every test that the privacy page names exists.
#[test]
fn links_and_tests_are_there() {
    let mut links = 0;
    for (path, page) in pages() {
        for target in page.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = target.split('#').next().unwrap();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let file = path.parent().unwrap().join(target);
            assert!(file.exists(), "{}: {target} is not there", path.display());
            links += 1;
        }
    }
    assert!(links > 10, "only {links} links were found");
    let sources = sources(repository());
    for (page, at_least) in [("docs/PRIVACY.md", 80), ("docs/THREATS.md", 30)] {
        let text = fs::read_to_string(repository().join(page)).unwrap();
        let tests: Vec<&str> = named_as_tests(&text);
        assert!(tests.len() > at_least, "{page}: {tests:?}");
        for test in tests {
            let found = sources.iter().any(|source| source.contains(&format!("fn {test}(")));
            assert!(found, "{page} names a test {test} that is nowhere");
        }
    }
}

/// What stands quoted in the last cell of tables whose last column is of tests.
fn named_as_tests(page: &str) -> Vec<&str> {
    let mut of_tests = false;
    let mut found = Vec::new();
    let mut before = "";
    for line in page.lines() {
        let last = line.trim_end().rsplit('|').nth(1).unwrap_or_default();
        if line.starts_with("|---") {
            of_tests = before.to_lowercase().trim_end_matches(['|', ' ']).ends_with("test")
                || before.to_lowercase().trim_end_matches(['|', ' ']).ends_with("tests");
        } else if line.starts_with("| ") && of_tests {
            found.extend(last.split('`').skip(1).step_by(2));
        } else if !line.starts_with('|') {
            of_tests = false;
        }
        before = line;
    }
    found
}

/// Wherever the privacy page names a sentence of a test, a trigger or a function, there is one; and the eighteen tests
/// have a row each, with a test of ours or *later*.
#[test]
fn the_eighteen_tests_are_there() {
    let privacy = fs::read_to_string(repository().join("docs/PRIVACY.md")).unwrap();
    let mut known = sources(repository());
    known.extend(migrations(&repository().join("migrations")));
    let is_sentence = |quoted: &&str| {
        quoted.matches('_').count() > 2
            && quoted.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let mut sentences = 0;
    for name in privacy.split('`').skip(1).step_by(2).filter(is_sentence) {
        let defined = [format!("fn {name}("), format!("TRIGGER {name}")];
        let found = known.iter().any(|text| defined.iter().any(|words| text.contains(words)));
        assert!(found, "docs/PRIVACY.md names {name}, which is nowhere");
        sentences += 1;
    }
    assert!(sentences > 120, "only {sentences} names were found; has their form changed?");

    let (_, section) = privacy.split_once("## 7. The eighteen tests").expect("the section is there");
    let rows: Vec<(u32, &str)> = section
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split_once(" | "))
        .filter_map(|(number, rest)| Some((number.parse().ok()?, rest)))
        .collect();
    assert_eq!(rows.iter().map(|(number, _)| *number).collect::<Vec<_>>(), (1..=18).collect::<Vec<_>>());
    for (number, rest) in rows {
        let last = rest.rsplit('|').nth(1).unwrap_or_default();
        let is_named = last.split('`').skip(1).step_by(2).next().is_some();
        assert!(is_named != (last.trim() == "later"), "test {number}: {last}");
    }
}

fn migrations(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let of = |path: PathBuf| match path.is_dir() {
        true => migrations(&path),
        false => vec![fs::read_to_string(path).unwrap()],
    };
    entries.flat_map(of).collect()
}

/// Every source file of the programs.
fn sources(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> =
        ["common", "node/src", "aggregator/src", "tests"].iter().map(|folder| root.join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(fs::read_to_string(path).unwrap());
            }
        }
    }
    found
}

/// The help of a program and of all its commands, one after another.
fn help(command: &mut Command, path: &str) -> String {
    let path = format!("{path}{}", command.get_name());
    let mut text = format!("━━ {path} --help\n\n{}\n", command.clone().bin_name(&path).render_long_help());
    for sub in command.get_subcommands_mut().filter(|sub| sub.get_name() != "help") {
        text.push_str(&help(sub, &format!("{path} ")));
    }
    text
}

#[test]
fn the_nodes_help_is_as_reviewed() {
    insta::assert_snapshot!(help(&mut tenfold_node::cli::Cli::command(), ""));
}

#[test]
fn the_aggregators_help_is_as_reviewed() {
    insta::assert_snapshot!(help(&mut tenfold_aggregator::cli::Cli::command(), ""));
}

/// The schemas and the OpenAPI document are those of the code; with WRITE_DOCS=1 they are written anew.
#[test]
fn what_is_published_of_the_protocol_is_made_from_the_code() {
    let folder = repository().join("docs/schema");
    let mut files: Vec<(PathBuf, serde_json::Value)> =
        schemas().into_iter().map(|(name, schema)| (folder.join(format!("{name}.json")), schema)).collect();
    let there = fs::read_dir(&folder).map(|files| files.count()).unwrap_or_default();
    let expected = files.len();
    files.push((repository().join("docs/openapi.json"), openapi()));
    for (path, value) in files {
        let text = format!("{}\n", serde_json::to_string_pretty(&value).unwrap());
        if std::env::var("WRITE_DOCS").is_ok() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, text).unwrap();
        } else {
            let found = fs::read_to_string(&path).unwrap_or_default();
            assert!(found == text, "{} is not what the code says: run with WRITE_DOCS=1", path.display());
        }
    }
    if std::env::var("WRITE_DOCS").is_err() {
        assert_eq!(there, expected, "docs/schema holds files that describe nothing");
    }
}

/// Every route in the source of the door for nodes is documented, and every documented one is there.
#[test]
fn every_route_of_the_door_for_nodes_is_documented() {
    let mut found: Vec<(String, String)> = Vec::new();
    for file in fs::read_dir(repository().join("aggregator/src/web")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "rs") {
            continue;
        }
        let source = fs::read_to_string(path).unwrap();
        for route in source.split(".route(\"").skip(1) {
            let (path, rest) = route.split_once('"').unwrap();
            let method = rest.split("web::").nth(1).unwrap().split('(').next().unwrap();
            if path.starts_with("/v1/") {
                found.push((method.to_owned(), path.to_owned()));
            }
        }
    }
    found.sort();
    let mut documented: Vec<(String, String)> =
        routes().iter().map(|route| (route.method.to_owned(), route.path.to_owned())).collect();
    documented.sort();
    assert_eq!(found, documented);
}
