//! What the source itself must say: who sees exact figures, which way modules lean, where noise comes from.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The files of a crate's source without its tests, each with its text up to the test module.
fn sources(crate_folder: &str) -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(crate_folder).join("src");
    let mut found = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = name_within(&path, &root);
            if path.is_dir() {
                if !name.ends_with("tests") {
                    folders.push(path);
                }
            } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
                let text = fs::read_to_string(&path).unwrap();
                let program = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
                found.insert(name, program);
            }
        }
    }
    assert!(found.len() > 5, "only {} files of {crate_folder} were read", found.len());
    found
}

fn name_within(path: &Path, root: &PathBuf) -> String {
    path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/")
}

fn files_with(crate_folder: &str, text: &str) -> BTreeSet<String> {
    let named = sources(crate_folder).into_iter().filter(|(_, source)| source.contains(text));
    named.map(|(name, _)| name).collect()
}

/// Exact figures leave their type by `show_locally` for the borough's own pages, and nowhere else. Whoever
/// adds a caller adds it here, and says why it stays within the borough.
#[test]
fn exact_figures_are_shown_in_one_place() {
    let callers = files_with("node", ".show_locally()");
    // What a prepared quarter counts, for its preparer and its approver.
    assert_eq!(callers, BTreeSet::from(["duties/look.rs".to_owned()]));
    for elsewhere in ["aggregator", "common", "tests"] {
        assert_eq!(files_with(elsewhere, "show_locally"), BTreeSet::new());
    }
}

/// The shipped program has one source of noise, and one call that uses it up.
#[test]
fn there_is_one_noise_source() {
    assert_eq!(files_with("node", "NoiseSource for "), BTreeSet::from(["release/noise.rs".to_owned()]));
    let noise = &sources("node")["release/noise.rs"];
    assert_eq!(noise.matches("NoiseSource for ").count(), 1);
    assert_eq!(files_with("node", "opendp::"), BTreeSet::from(["release/noise.rs".to_owned()]));
    for source in ["cfg(", "env!(", "env::", "feature ="] {
        assert!(!noise.contains(source), "noise depends on {source}");
    }
    for elsewhere in ["aggregator", "common"] {
        assert_eq!(files_with(elsewhere, "opendp::"), BTreeSet::new());
    }
}

/// Bugs are planted in test code, through seams that the library has anyway. The programs have no feature that
/// could be switched on, nothing conditional but tests, and no word of an audit's bugs.
#[test]
fn the_shipped_program_has_nothing_to_switch() {
    for crate_folder in ["node", "aggregator", "common", "common/store", "common/web"] {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(crate_folder).join("Cargo.toml");
        assert!(!fs::read_to_string(manifest).unwrap().contains("[features]"), "{crate_folder}");
        for conditional in ["cfg(feature", "cfg!(", "cfg_attr(", "tenfold_tests", "Planted"] {
            assert_eq!(
                files_with(crate_folder, conditional),
                BTreeSet::new(),
                "{crate_folder}: {conditional}"
            );
        }
    }
    assert!(files_with("tests", "Planted").contains("audit/pipeline.rs"), "the search finds what is there");
}

/// No flag, setting or variable of the program names noise, a scale or a seed; only `synth` has one, of invented
/// families, and `audit` the auditor's, of a sample of claims.
#[test]
fn no_option_changes_the_noise() {
    let program = Path::new(env!("CARGO_BIN_EXE_demo")).with_file_name("tenfold-node");
    let help = |words: &[&str]| {
        let output = Command::new(&program).args(words).arg("--help").output().unwrap();
        assert!(output.status.success(), "{words:?}");
        String::from_utf8(output.stdout).unwrap().to_lowercase()
    };
    let main = help(&[]);
    let commands = main.split("commands:").nth(1).unwrap().split("options:").next().unwrap();
    let named = commands.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let commands: Vec<&str> = named.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.len() > 10 && commands.contains(&"release"), "{commands:?}");
    let mut pages = vec![main.clone(), tenfold_node::settings::SHIPPED.to_lowercase()];
    pages.extend(
        commands.iter().filter(|name| !["help", "synth", "audit"].contains(name)).map(|name| help(&[name])),
    );
    pages.extend(["prepare", "approve"].map(|verb| help(&["release", verb])));
    for word in ["noise", "sigma", "seed", "random", "epsilon", "gaussian"] {
        assert!(pages.iter().all(|page| !page.contains(word)), "an option speaks of {word}");
    }
    for speaks in ["synth", "audit"] {
        assert!(help(&[speaks]).contains("seed"), "the search finds what is there");
    }
}

/// The layers of style.md: 0 knows nothing above it; a module may use its own layer only among the domain
/// modules. `region` and `outbox` call out and keep what is to be sent.
fn layer(module: &str) -> u8 {
    match module {
        "store" => 1,
        "duties" => 2,
        "web" | "cli" => 3,
        "main" | "lib" => 4,
        _ => 0,
    }
}

/// The modules that a source names by `crate::…`, lists in braces included.
fn modules_used(source: &str) -> BTreeSet<String> {
    let mut modules = BTreeSet::new();
    for rest in source.split("crate::").skip(1) {
        let Some(list) = rest.strip_prefix('{') else {
            modules.insert(first_word(rest));
            continue;
        };
        let mut depth = 0;
        let mut starts = true;
        for (at, letter) in list.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => starts = true,
                _ if starts && !letter.is_whitespace() => {
                    modules.insert(first_word(&list[at..]));
                    starts = false;
                }
                _ => {}
            }
        }
    }
    modules
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect()
}

#[test]
fn modules_lean_one_way() {
    let mut leaning = BTreeSet::new();
    for program in ["node", "aggregator"] {
        for (file, source) in sources(program) {
            let own = first_word(&file);
            for used in modules_used(&source).into_iter().filter(|used| *used != own) {
                // A page or a handler calls a duty, never the store; a command may open what it creates.
                let skips = own == "web" && used == "store";
                if layer(&used) > layer(&own) || skips || layer(&own) == 3 && used == "cli" {
                    leaning.insert((program.to_owned(), file.clone(), used));
                }
            }
        }
    }
    assert_eq!(leaning, BTreeSet::new());
}

#[test]
fn the_reader_sees_every_module() {
    let source = "use crate::{\n    a::{b, c},\n    d,\n};\nuse crate::e::f; fn g() { crate::h::i() }";
    assert_eq!(modules_used(source), ["a", "d", "e", "h"].map(str::to_owned).into());
}
