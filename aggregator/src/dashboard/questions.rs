//! One-off questions and their answers: the region as bars, every borough as a table, all of it as CSV.

use tenfold_web::{
    charts::{BarRow, Caption, Figure, bars_with_intervals},
    table::{Column, DataTable},
};

use super::{tidy, told_shown};
use crate::combine::answers::{Answer, AnsweredQuestion, Count};

/// What the page of questions shows.
#[derive(Clone, Debug)]
pub struct QuestionsPage {
    /// A figure for each question with an answer.
    pub figures: Vec<(Figure, DataTable)>,
    /// In a sentence each, the questions that nobody answered yet.
    pub open: Vec<String>,
}

/// The page of questions.
pub fn page(questions: &[AnsweredQuestion]) -> QuestionsPage {
    let (answered, open): (Vec<_>, Vec<_>) = questions.iter().partition(|asked| asked.is_answered());
    QuestionsPage {
        figures: answered.into_iter().map(|asked| (figure(asked), boroughs(asked))).collect(),
        open: open.into_iter().map(|asked| format!("{}: answered with {}.", asked.title, asked.to)).collect(),
    }
}

fn told(count: &Count) -> String {
    told_shown(&count.display())
}

fn figure(asked: &AnsweredQuestion) -> Figure {
    let id = format!("question-{}", asked.name);
    let caption = format!("{}, {}", asked.title, asked.answers[0].area_name);
    let labels = || asked.labels.iter().zip(&asked.answers[0].labels);
    let bars: Vec<BarRow> =
        labels().map(|(name, count)| BarRow { name: name.clone(), shown: Some(count.display()) }).collect();
    let rows = labels().map(|(name, count)| vec![name.clone(), told(count)]);
    let all = asked.answers[0].total.iter().map(|count| vec!["all".to_owned(), told(count)]);
    let without = asked.without();
    let missing =
        if without.is_empty() { String::new() } else { format!(" Without {}.", without.join(", ")) };
    Figure {
        svg: bars_with_intervals(&Caption { id: &id, title: &caption, unit: "Families" }, &bars),
        note: Some(format!(
            "Families recorded from {} to {}, each under one label. Every figure is the sum of counts with noise of their \
             own, σ = {}; its interval is exact for whole numbers.{missing}",
            asked.from, asked.to, asked.sigma
        )),
        table: DataTable {
            caption: caption.clone(),
            columns: vec![Column::words(asked.by), Column::numbers("Families (95% interval)")],
            rows: rows.chain(all).collect(),
        },
        csv_href: Some("/questions.csv".to_owned()),
        caption,
        id,
    }
}

fn boroughs(asked: &AnsweredQuestion) -> DataTable {
    let labels = asked.labels.iter().map(Column::numbers);
    let row = |answer: &Answer| {
        let figures: Vec<String> = if answer.total.is_some() {
            answer.labels.iter().chain(&answer.total).map(told).collect()
        } else {
            vec![answer.standing.words().to_owned(); asked.labels.len() + 1]
        };
        [vec![answer.area_name.clone()], figures].concat()
    };
    DataTable {
        caption: format!("{}, by borough", asked.title),
        columns: [Column::words("Borough")]
            .into_iter()
            .chain(labels)
            .chain([Column::numbers("All")])
            .collect(),
        rows: asked.answers.iter().skip(1).map(row).collect(),
    }
}

/// The columns of the questions' file.
pub const COLUMNS: [&str; 12] = [
    "question",
    "from",
    "to",
    "area_code",
    "area_name",
    "ward_code",
    "breakdown",
    "standing",
    "estimate",
    "lower_95",
    "upper_95",
    "noise_sigma",
];

/// Every answer as CSV, with the counts as they were drawn.
pub fn csv(questions: &[AnsweredQuestion]) -> String {
    let mut rows = vec![COLUMNS.map(str::to_owned).to_vec()];
    for asked in questions {
        for answer in &asked.answers {
            let mut push = |ward: &str, label: &str, count: Option<&Count>| {
                let number = |count: &dyn Fn(&Count) -> i64, of: Option<&Count>| {
                    of.map(|of| count(of).to_string()).unwrap_or_default()
                };
                let half = |count: &Count| count.half_width.cast_signed();
                rows.push(vec![
                    asked.name.clone(),
                    asked.from.to_string(),
                    asked.to.to_string(),
                    answer.area_code.clone(),
                    answer.area_name.clone(),
                    ward.to_owned(),
                    label.to_owned(),
                    answer.standing.words().to_owned(),
                    number(&|count| count.value, count),
                    number(&|count| count.value - half(count), count),
                    number(&|count| count.value + half(count), count),
                    asked.sigma.to_string(),
                ]);
            };
            push("", "all", answer.total.as_ref());
            for (label, count) in asked.labels.iter().zip(&answer.labels) {
                push("", label, Some(count));
            }
            for (ward, counts) in &answer.places {
                let ward = if ward.is_empty() { "not known or elsewhere" } else { ward };
                for (label, count) in asked.labels.iter().zip(counts) {
                    push(ward, label, Some(count));
                }
            }
        }
    }
    tidy::text(&rows)
}

#[cfg(test)]
mod tests {
    use tenfold_common::privacy::Rho;

    use super::*;
    use crate::combine::answers::Standing;

    fn asked(values: Option<[i64; 2]>) -> AnsweredQuestion {
        let count = |value| Count { value, half_width: 6 };
        let answer = |name: &str, values: Option<[i64; 2]>| Answer {
            area_code: "E08000001".into(),
            area_name: name.into(),
            standing: if values.is_some() { Standing::Answered } else { Standing::NotAdopted },
            labels: values.map(|values| values.map(count).to_vec()).unwrap_or_default(),
            total: values.map(|values| count(values.iter().sum())),
            places: Vec::new(),
        };
        AnsweredQuestion {
            name: "children".into(),
            title: "Families attached by number of children".into(),
            stream: "attached".into(),
            from: "2015-Q3".parse().unwrap(),
            to: "2016-Q1".parse().unwrap(),
            by: "Children",
            labels: vec!["none".into(), "one".into()],
            sigma: 3,
            cost: Rho::from_nano(55_555_556),
            hash: "ab".into(),
            answers: vec![answer("Region", values), answer("Bolton", values), answer("Bury", None)],
        }
    }

    #[test]
    fn what_is_shown_is_possible_and_the_file_keeps_what_was_drawn() {
        let questions = [asked(Some([-2, 40]))];
        let shown = page(&questions);
        let (figure, table) = &shown.figures[0];
        assert_eq!(figure.table.rows[0], ["none", "0 (0 to 4)"]);
        assert_eq!(figure.table.rows[2], ["all", "38 (32 to 44)"]);
        assert!(figure.note.as_ref().unwrap().contains("Without Bury (not adopted)."));
        assert_eq!(table.rows[1], ["Bury", "not adopted", "not adopted", "not adopted"]);
        let file = csv(&questions);
        assert!(
            file.contains("children,2015-Q3,2016-Q1,E08000001,Bolton,,none,answered,-2,-8,4,3"),
            "{file}"
        );
        assert!(file.contains("Bury,,all,not adopted,,,,3"), "{file}");
    }

    #[test]
    fn a_question_without_answers_is_named_and_not_drawn() {
        let shown = page(&[asked(None)]);
        assert!(shown.figures.is_empty());
        assert_eq!(shown.open, ["Families attached by number of children: answered with 2016-Q1."]);
    }
}
