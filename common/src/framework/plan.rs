//! A borough's outcomes plan over a framework: its own measures where the programme left them to it.
//!
//! A plan fills empty slots, replaces the signs or criteria of a problem, and sets what the framework
//! marks as not confirmed. It never changes a rule that was read in the programme's own documents.

use toml::{Table, Value};

use super::{Framework, FrameworkFault, FrameworkFaults, Indicator, document::INDICATORS, parse};

/// The tables a plan may set, where the framework's own are not confirmed.
const TABLES: [&str; 8] = [
    "eligibility",
    "attachment",
    "results",
    "attendance",
    "employment",
    "freshness",
    "audit",
    "claim_windows",
];
const KEYS: [&str; 5] = ["name", "framework", "source", "supplies", "problem"];
const OF_PROBLEM: [&str; 4] = ["number", "recorded_as", "sign", "progress"];
const NAME: &str = "letters, digits and hyphens";

/// Lays a plan over the framework it names.
pub(super) fn apply(plan: &str, frameworks: &[&str]) -> Result<Framework, FrameworkFaults> {
    let plan = parse(plan)?;
    let mut faults = Faults::default();
    for key in plan.keys().filter(|key| !KEYS.contains(&key.as_str()) && !TABLES.contains(&key.as_str())) {
        faults.0.push(FrameworkFault::UnknownKey { place: "plan".to_owned(), key: key.clone() });
    }
    let name = faults.text(&plan, "plan", "name", NAME);
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        faults.word("plan", "name", &name, NAME);
    }
    let wanted = faults.text(&plan, "plan", "framework", "the name of a shipped framework");
    let tables: Vec<Table> = frameworks.iter().filter_map(|text| text.parse().ok()).collect();
    let name_of = |table: &Table| table.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let Some(mut merged) = tables.iter().find(|table| name_of(table) == wanted).cloned() else {
        let known: Vec<String> = tables.iter().map(name_of).collect();
        if !wanted.is_empty() {
            faults.word("plan", "framework", &wanted, &known.join(", "));
        }
        return Err(FrameworkFaults { faults: faults.0 });
    };
    let supplies = supplies(&plan, &mut faults);
    for key in TABLES {
        if let Some(value) = plan.get(key) {
            faults.set_table(&mut merged, key, value, key);
        }
    }
    faults.set_problems(&mut merged, plan.get("problem"));
    merged.insert("name".to_owned(), Value::String(format!("{wanted}+{name}")));
    match Framework::from_table(&merged) {
        Err(more) => faults.0.extend(more.faults),
        Ok(framework) => {
            if let Some(supplies) = supplies {
                unsupplied(&framework, &supplies, &mut faults);
            }
            if faults.0.is_empty() {
                return Ok(framework);
            }
        }
    }
    Err(FrameworkFaults { faults: faults.0 })
}

/// The indicators the borough's systems supply; `None` where the plan does not say.
fn supplies(plan: &Table, faults: &mut Faults) -> Option<Vec<Indicator>> {
    let words = plan.get("supplies")?;
    let Some(words) = words.as_array() else {
        faults.kind("plan", "supplies", "a list of words");
        return None;
    };
    let read = |word: &Value| {
        let text = word.as_str().unwrap_or_default();
        let read = text.parse().ok();
        if read.is_none() {
            faults.word("plan", "supplies", text, &INDICATORS.join(", "));
        }
        read
    };
    Some(words.iter().filter_map(read).collect())
}

/// Names every criterion, and every sign of the plan's own, on records that never come.
fn unsupplied(framework: &Framework, supplies: &[Indicator], faults: &mut Faults) {
    for problem in &framework.problems {
        let own_signs = problem.signs.iter().filter(|sign| sign.provenance.confirmation.is_some());
        let signs = own_signs.map(|sign| ("sign", sign.indicator));
        let criteria = problem.progress.iter().map(|criterion| ("progress", criterion.indicator));
        for (what, indicator) in signs.chain(criteria).filter(|(_, indicator)| !supplies.contains(indicator))
        {
            faults.0.push(FrameworkFault::Contradiction {
                place: format!("problem {}, {what}", problem.number),
                found: format!(
                    "it rests on {:?}, which the plan does not say is supplied",
                    indicator.as_str()
                ),
                expected: "an indicator that is, or another measure in the plan".to_owned(),
            });
        }
    }
}

/// The plan's own faults, beside those of the framework it leads to.
#[derive(Default)]
struct Faults(Vec<FrameworkFault>);

impl Faults {
    fn text(&mut self, table: &Table, place: &str, key: &str, expected: &'static str) -> String {
        match table.get(key) {
            None => {
                self.0.push(FrameworkFault::Missing {
                    place: place.to_owned(),
                    key: key.to_owned(),
                    expected,
                });
                String::new()
            }
            Some(value) => match value.as_str().filter(|text| !text.trim().is_empty()) {
                Some(text) => text.to_owned(),
                None => {
                    self.kind(place, key, expected);
                    String::new()
                }
            },
        }
    }

    fn kind(&mut self, place: &str, key: &str, expected: &'static str) {
        self.0.push(FrameworkFault::WrongKind { place: place.to_owned(), key: key.to_owned(), expected });
    }

    fn word(&mut self, place: &str, key: &str, found: &str, expected: &str) {
        let (place, key) = (place.to_owned(), key.to_owned());
        let (found, expected) = (found.to_owned(), expected.to_owned());
        self.0.push(FrameworkFault::UnknownWord { place, key, found, expected });
    }

    /// Whoever sets something says who confirmed it and when; the marks of a framework do not do.
    fn confirmation(&mut self, table: &Table, place: &str) -> bool {
        let before = self.0.len();
        let place = format!("plan, {place}");
        for (key, expected) in
            [("confirmed_by", "who confirmed it"), ("confirmed_on", "the day it was confirmed")]
        {
            if !table.contains_key(key) {
                self.0.push(FrameworkFault::Missing { place: place.clone(), key: key.to_owned(), expected });
            }
        }
        if table.contains_key("confirmed") {
            self.0.push(FrameworkFault::UnknownKey { place, key: "confirmed".to_owned() });
        }
        self.0.len() == before
    }

    /// Sets a table's own values, and those of the tables below it.
    fn set_table(&mut self, into: &mut Table, key: &str, value: &Value, place: &str) {
        let Some(table) = value.as_table() else { return self.kind("plan", key, "a table") };
        let (below, own): (Vec<_>, Vec<_>) = table.iter().partition(|(_, value)| value.is_table());
        let rule = into.get(key).and_then(Value::as_table);
        if !own.is_empty() && rule.and_then(|rule| rule.get("confirmed")?.as_bool()) == Some(true) {
            let source = rule.and_then(|rule| rule.get("source")?.as_str()).unwrap_or_default();
            self.0.push(FrameworkFault::Contradiction {
                place: format!("plan, {place}"),
                found: "it changes a rule of the programme".to_owned(),
                expected: format!("it left as it is: {source}"),
            });
            return;
        }
        if !own.is_empty() && !self.confirmation(table, place) {
            return;
        }
        let base = into.entry(key).or_insert_with(|| Value::Table(Table::new()));
        let Some(base) = base.as_table_mut() else { return };
        if !own.is_empty() {
            base.retain(|_, value| value.is_table());
            base.extend(own.into_iter().map(|(key, value)| (key.clone(), value.clone())));
        }
        for (key, value) in below {
            self.set_table(base, key, value, &format!("{place}, {key}"));
        }
    }

    fn set_problems(&mut self, into: &mut Table, problems: Option<&Value>) {
        let Some(problems) = problems else { return };
        let tables: Option<Vec<&Table>> =
            problems.as_array().map(|all| all.iter().filter_map(Value::as_table).collect());
        let Some(tables) = tables.filter(|tables| Some(tables.len()) == problems.as_array().map(Vec::len))
        else {
            return self.kind("plan", "problem", "a list of tables");
        };
        let known = into.get("problem").and_then(Value::as_array).into_iter().flatten();
        let known = known.filter_map(|problem| Some(problem.get("number")?.to_string()));
        let known = known.collect::<Vec<_>>().join(", ");
        let mut seen = Vec::new();
        for table in tables {
            let number = table.get("number").and_then(Value::as_integer);
            let all = into.get_mut("problem").and_then(Value::as_array_mut);
            let of_number = |problem: &&mut Value| {
                number.is_some() && problem.get("number").and_then(Value::as_integer) == number
            };
            let base = all.and_then(|all| all.iter_mut().find(of_number)).and_then(Value::as_table_mut);
            let (Some(number), Some(base)) = (number, base) else {
                let found = number.map_or_else(|| "no number".to_owned(), |number| number.to_string());
                self.word("plan, problem", "number", &found, &known);
                continue;
            };
            let place = format!("problem {number}");
            if seen.contains(&number) {
                let (place, value) = ("plan, problems".to_owned(), number.to_string());
                self.0.push(FrameworkFault::Repeated { place, what: "number", value });
            }
            seen.push(number);
            for (key, value) in table {
                if !OF_PROBLEM.contains(&key.as_str()) {
                    self.0.push(FrameworkFault::UnknownKey {
                        place: format!("plan, {place}"),
                        key: key.clone(),
                    });
                    continue;
                }
                let items = value.as_array().into_iter().flatten().filter_map(Value::as_table).enumerate();
                let confirmed: Vec<bool> = items
                    .map(|(at, item)| self.confirmation(item, &format!("{place}, {key} {}", at + 1)))
                    .collect();
                if confirmed.contains(&false) {
                    continue;
                }
                base.insert(key.clone(), value.clone());
            }
        }
    }
}
