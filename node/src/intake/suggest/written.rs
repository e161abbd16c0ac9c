//! A proposal as a mapping file, with what is left to a person in its comments.

use toml::Value;

use super::Suggestion;
use crate::intake::field::CodeList;

impl Suggestion {
    /// The proposal as TOML; a person's part is marked `# check`.
    pub fn to_toml(&self, name: &str) -> String {
        let text = |text: &str| Value::String(text.to_owned()).to_string();
        let mut toml = String::from(
            "# Proposed from a file's headings and cells: check every line before it is used.\n",
        );
        toml += &format!(
            "name = {}\ntitle = {}  # check: what people call such a file\n",
            text(name),
            text(name)
        );
        toml += &format!("kind = {}\n", text(self.kind.as_str()));
        let ids = self.columns.iter().filter_map(|column| column.field).map(|field| field.to_string());
        if ids.into_iter().any(|field| field == "case-id" || field == "family-id") {
            toml += "case_system = \"case-system\"  # check: sources with the same word share their ids\n";
        }
        let formats: Vec<String> = self
            .date_formats
            .iter()
            .filter_map(|format| Value::try_from(format).ok())
            .map(|format| format.to_string())
            .collect();
        toml += &format!("date_formats = [{}]\n\n", formats.join(", "));
        for field in &self.missing {
            toml += &format!("# missing: no column seems to be {field}: {}\n", field.meaning());
        }
        toml += "column = [\n";
        for column in &self.columns {
            let heading = text(&column.heading);
            toml += &match column.field {
                Some(field) => {
                    format!("    {{ heading = {heading}, field = \"{field}\" }},  # {}\n", column.why)
                }
                None => format!("    # not read: {heading}, {}\n", column.why),
            };
        }
        toml += "]\n";
        for (list, codes) in &self.codes {
            toml += &format!("\n[codes.{}]\n", list.name());
            for (code, word) in codes {
                toml += &code_line(*list, &text(code), word.as_deref());
            }
        }
        toml
    }
}

fn code_line(list: CodeList, code: &str, word: Option<&str>) -> String {
    match word {
        Some(word) => format!("{code} = \"{word}\"  # check\n"),
        None => format!("# {code} = one of {}\n", list.words().join(", ")),
    }
}
