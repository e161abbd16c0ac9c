//! That no identifier of the extracts is anywhere outside the boroughs: not in release bytes, nor in the
//! aggregator's database, logs, return or pages.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use aho_corasick::AhoCorasick;
use tenfold_common::{geography, protocol::signature};
use tenfold_store::{DatabaseUrl, Store};

/// A shorter value than this says nothing by itself: ages, days, house numbers, `Y`.
const SHORTEST: usize = 7;

/// Headings whose values are identifiers by themselves.
const IDENTIFIERS: [&str; 20] = [
    "Early Help Number",
    "Child ID",
    "NHS Number",
    "UPN",
    "Carer NI Number",
    "NI Number",
    "Address",
    "Postcode",
    "UPRN",
    "Key Worker",
    "Incident Reference",
    "WORKFLOW_STEP_ID",
    "SUBJECT_PERSON_ID",
    "SUBJECT_NHS_NO",
    "SUBJECT_UPN",
    "CARER_NINO",
    "ADDRESS_LINE",
    "POSTCODE",
    "ALLOCATED_WORKER",
    "Carer Surname",
];
/// Headings of forename, surname and birth date that belong together.
const PEOPLE: [[&str; 3]; 6] = [
    ["Child Forename", "Child Surname", "Date of Birth"],
    ["Carer Forename", "Carer Surname", "Carer Date of Birth"],
    ["Pupil Forename", "Pupil Surname", "Date of Birth"],
    ["Forename", "Surname", "Date of Birth"],
    ["SUBJECT_FIRST_NAMES", "SUBJECT_LAST_NAME", "SUBJECT_DOB"],
    ["CARER_FIRST_NAMES", "CARER_LAST_NAME", "CARER_DOB"],
];

/// Every identifier value of the extracts, with the heading it stood under.
#[derive(Default)]
struct Identifiers {
    values: BTreeMap<String, &'static str>,
    too_short: BTreeSet<String>,
    headings: BTreeSet<&'static str>,
}

impl Identifiers {
    fn of_extracts(folder: &Path) -> Self {
        let mut found = Self::default();
        for file in files_under(folder).iter().filter(|file| file.extension().is_some_and(|end| end == "csv"))
        {
            let bytes = fs::read(file).unwrap();
            let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes.as_slice());
            let headings = reader.byte_headers().unwrap().clone();
            let column = |heading: &str| headings.iter().position(|found| found == heading.as_bytes());
            for row in reader.byte_records() {
                let row = row.unwrap();
                let text = |heading: &str| {
                    let value = row.get(column(heading)?)?;
                    Some(String::from_utf8_lossy(value).trim().to_owned()).filter(|value| !value.is_empty())
                };
                for heading in IDENTIFIERS {
                    text(heading).into_iter().for_each(|value| found.note(heading, value));
                }
                for [forename, surname, birth] in PEOPLE {
                    let (Some(first), Some(last)) = (text(forename), text(surname)) else { continue };
                    for name in
                        [format!("{first} {last}"), format!("{last}, {first}"), format!("{last} {first}")]
                    {
                        found.note(surname, name);
                    }
                    // Nobody in a programme that began in April 2015 shares a birth date before 2014 with an act.
                    let early = text(birth).and_then(|born| iso(&born)).filter(|born| born.as_str() < "2014");
                    early.into_iter().for_each(|born| found.note(birth, born));
                    for (name, born) in [&first, &last].into_iter().zip(text(birth).into_iter().cycle()) {
                        found.note(birth, format!("{name} {born}"));
                    }
                }
            }
        }
        found
    }

    fn note(&mut self, heading: &'static str, value: String) {
        self.headings.insert(heading);
        let dense: String = value.chars().filter(|letter| !letter.is_whitespace()).collect();
        for value in [value, dense] {
            if value.len() < SHORTEST {
                self.too_short.insert(value);
            } else if !is_a_place(&value) {
                self.values.insert(value, heading);
            }
        }
    }
}

/// Whether a surname by itself is also a word of a borough's or ward's name, which pages show to everybody. With
/// its forename or birth date it is searched for all the same.
fn is_a_place(value: &str) -> bool {
    geography::boroughs().iter().any(|borough| {
        let wards = borough.wards.iter().map(|ward| ward.name.as_str());
        let names = wards.chain([borough.name.as_str()]);
        let mut words = names.flat_map(|name| name.split(|letter: char| !letter.is_alphanumeric()));
        words.any(|word| word.eq_ignore_ascii_case(value))
    })
}

/// A date of the extracts as databases and messages write it.
fn iso(date: &str) -> Option<String> {
    let day = ["%d/%m/%Y", "%Y-%b-%d", "%Y-%m-%d"].iter();
    let date = date.split(' ').next()?;
    let day = day.filter_map(|format| chrono::NaiveDate::parse_from_str(date, format).ok()).next();
    day.map(|day| day.to_string())
}

/// Finds identifiers in bytes.
struct Search {
    machine: AhoCorasick,
    values: Vec<(String, &'static str)>,
}

impl Search {
    fn new(identifiers: &Identifiers) -> Self {
        let values: Vec<_> = identifiers.values.iter().map(|(value, &at)| (value.clone(), at)).collect();
        let machine = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(values.iter().map(|(value, _)| value))
            .unwrap();
        Self { machine, values }
    }

    /// The identifiers in these bytes. One of fewer than ten letters counts only where it stands by itself:
    /// within base64 some would turn up by chance, and what base64 hides is searched after decoding.
    fn hits(&self, bytes: &[u8]) -> BTreeSet<(&str, &'static str)> {
        let alone = |start: usize, end: usize| {
            let before = start.checked_sub(1).and_then(|at| bytes.get(at));
            [before, bytes.get(end)].into_iter().flatten().all(|byte| !byte.is_ascii_alphanumeric())
        };
        self.machine
            .find_overlapping_iter(bytes)
            .filter(|hit| hit.end() - hit.start() >= 10 || alone(hit.start(), hit.end()))
            .map(|hit| &self.values[hit.pattern().as_usize()])
            .map(|(value, heading)| (value.as_str(), *heading))
            .collect()
    }

    fn finds_nothing(&self, what: &str, bytes: &[u8]) {
        let hits = self.hits(bytes);
        assert!(hits.is_empty(), "{what} holds {hits:?}");
    }
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_under(&path)) } else { files.push(path) }
    }
    files
}

/// The region's pages, served by the program itself until dropped.
struct Pages {
    program: Child,
    address: String,
}

impl Pages {
    fn serve(program: &Path, region: &Path) -> Self {
        let mut command = Command::new(program);
        command.arg("--data").arg(region).args([
            "serve",
            "--ingest",
            "127.0.0.1:0",
            "--pages",
            "127.0.0.1:0",
        ]);
        let log = fs::File::create(region.join("pages.log")).unwrap();
        let mut program = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(program.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().trim_end_matches('/').rsplit("http://").next().unwrap().to_owned();
        Self { program, address }
    }

    fn ask(&self, request: &str, cookies: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let kind = "Content-Type: application/x-www-form-urlencoded";
        write!(
            stream,
            "{request} HTTP/1.0\r\nHost: {}\r\nCookie: {cookies}\r\n{kind}\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Signs in as the viewer and returns the session's cookie.
    fn sign_in(&self, password: &str) -> String {
        let form = self.ask("GET /sign-in", "", "");
        let cookie = |answer: &str, of: &str| {
            let line = answer
                .lines()
                .filter_map(|line| line.split_once(": "))
                .find(|(name, value)| name.eq_ignore_ascii_case("set-cookie") && value.starts_with(of));
            line.map(|(_, value)| value.split(';').next().unwrap().to_owned()).unwrap()
        };
        let token = form.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let body = format!("csrf={token}&next=&name=viewer&password={password}");
        let answer = self.ask("POST /sign-in", &cookie(&form, "tenfold-"), &body);
        assert!(answer.contains(" 303 "), "{answer}");
        cookie(&answer, "tenfold-E47000001=")
    }

    /// Every page and file that links lead to from the first page, up to a number that is stated.
    fn all(&self, cookies: &str, most: usize) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let mut ahead = vec!["/".to_owned(), "/sign-in".to_owned()];
        while let Some(path) = ahead.pop().filter(|_| found.len() < most) {
            if found.contains_key(&path) {
                continue;
            }
            let page = self.ask(&format!("GET {path}"), cookies, "");
            let links = page.split("href=\"/").skip(1).filter_map(|rest| rest.split('"').next());
            ahead.extend(links.map(|link| format!("/{}", link.replace("&amp;", "&"))));
            found.insert(path, page);
        }
        found
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// Ten real nodes and an aggregator as processes over mutual TLS, three quarters at half size, with the
/// generator's untidy rows, a dirty file and a stranger among them; then everything outside the boroughs is
/// searched. No false alarms but a chance hit within base64: below 10⁻⁶.
#[test]
fn no_identifier_leaves_a_borough() {
    let demo = Path::new(env!("CARGO_BIN_EXE_demo"));
    let folder = tempfile::tempdir().unwrap();
    let stage = folder.path().join("stage");
    let mut command = Command::new(demo);
    command.args(["--once", "--scale", "0.5", "--quarters", "3", "--folder"]).arg(&stage);
    let played = command.output().unwrap();
    assert!(played.status.success(), "{}", String::from_utf8_lossy(&played.stderr));

    let identifiers = Identifiers::of_extracts(&stage.join("extracts"));
    let search = Search::new(&identifiers);
    let people = PEOPLE.iter().flat_map(|person| [person[1], person[2]]);
    let expected: BTreeSet<&str> = IDENTIFIERS.into_iter().chain(people).collect();
    let missing: Vec<_> =
        expected.iter().filter(|heading| !identifiers.headings.contains(*heading)).collect();
    assert!(missing.is_empty(), "the extracts have no values under {missing:?}");
    assert!(search.values.len() > 10_000, "only {} identifiers", search.values.len());

    // The search finds what is there: every kind in a borough's own database, and a planted one anywhere.
    let bolton = fs::read(stage.join("bolton").join("node.sqlite")).unwrap();
    let found: BTreeSet<_> = search.hits(&bolton).into_iter().map(|(_, heading)| heading).collect();
    assert!(
        ["NHS Number", "UPN", "UPRN", "Address"].iter().all(|heading| found.contains(heading)),
        "{found:?}"
    );

    let region = stage.join("region");
    let mut searched = 0;
    for file in files_under(&region).iter().chain(&files_under(&stage.join("logs"))) {
        let mut bytes = fs::read(file).unwrap();
        search.finds_nothing(&file.display().to_string(), &bytes);
        searched += bytes.len();
        let (value, _) = &search.values[searched % search.values.len()];
        bytes.extend([b" ", value.as_bytes(), b" "].concat());
        assert!(search.hits(&bytes).iter().any(|(hit, _)| hit == value));
    }
    assert!(searched > 300_000, "the aggregator's files hold only {searched} bytes");
    search.finds_nothing("the demo's output", &played.stdout);
    for file in files_under(&stage).iter().filter(|file| file.starts_with(stage.join("return"))) {
        search.finds_nothing("the return", &fs::read(file).unwrap());
    }

    let mut releases = 0;
    for borough in fs::read_dir(&stage).unwrap().map(|entry| entry.unwrap().path()) {
        let database = borough.join("node.sqlite");
        if !database.exists() {
            continue;
        }
        let store = Store::open(&DatabaseUrl::Sqlite(database), tenfold_node::store::MIGRATIONS).unwrap();
        for sealed in store.read(tenfold_node::store::releases::sealed).unwrap() {
            search.finds_nothing("a release's signed bytes", sealed.bytes.as_bytes());
            let payload: serde_json::Value = signature::peek(&sealed.bytes).unwrap();
            let mut payload = serde_json::to_vec(&payload).unwrap();
            search.finds_nothing("a release's payload", &payload);
            payload.extend(format!(",\"note\":\"{}\"", search.values[releases].0).into_bytes());
            assert_eq!(search.hits(&payload).len(), 1);
            releases += 1;
        }
    }
    assert_eq!(releases, 30);

    let pages = Pages::serve(&demo.with_file_name("tenfold-aggregator"), &region);
    let password = fs::read_to_string(stage.join("viewer.password")).unwrap();
    let shown = pages.all(&pages.sign_in(password.trim()), 200);
    assert!(shown["/sign-in"].contains(" 200 "), "{shown:?}");
    for (path, page) in &shown {
        search.finds_nothing(path, page.as_bytes());
    }
    drop(pages);
    search.finds_nothing("the pages' log", &fs::read(region.join("pages.log")).unwrap());
}
