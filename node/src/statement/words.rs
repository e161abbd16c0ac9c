//! Footnotes for published tables, the answer to a family that asks, and what lies outside the guarantee.

use tenfold_common::privacy::Policy;

use super::{PrivacyStatement, Section};

/// Footnotes for tables that show these figures.
pub(super) fn footnotes(statement: &PrivacyStatement, policy: &Policy) -> Vec<String> {
    let mut notes = vec![
        "Figures carry random noise, so that nobody can tell from them whether a family is counted. They can be \
         negative, and parts need not add up to their total."
            .to_owned(),
    ];
    for stream in &policy.streams {
        let total =
            statement.precision.tables.iter().find(|row| row.stream == stream.name && row.table == "total");
        notes.extend(total.and_then(|row| {
            let (quarter, change) = (row.quarter?, row.change?);
            Some(format!(
                "{}: 19 times in 20 the true total of a quarter lies within {quarter:.1} families of the figure, \
                 that of a year within {:.1}, a change from one quarter to the next within {change:.1}.",
                stream.title, row.year
            ))
        }));
    }
    if policy.releases_by_year() {
        notes.push(
            "Figures by place are released once a year, with the quarter that ends it in March; then figures of \
             the year's quarters move a little, because those by place tell of them, too."
                .to_owned(),
        );
    }
    notes.push(format!(
        "A family is counted at most once in each table, in the quarter in which the borough recorded the event. \
         Places are those of {}; families of other or unknown places are counted as not known or elsewhere.",
        statement.policy.boundary_set
    ));
    notes.push(if policy.opening {
        format!(
            "The opening position holds everything to the end of {} and is no quarter's activity.",
            statement.policy.first_quarter
        )
    } else {
        format!(
            "Families attached before {} are not counted; an active stock computed from these figures misses them.",
            statement.policy.first_quarter
        )
    });
    notes
}

/// The answer to "what did you release about us". The same for every family, counted or not.
pub(super) fn answer(statement: &PrivacyStatement) -> Vec<String> {
    let streams: Vec<&str> = statement.loss.streams.iter().map(|charge| charge.stream.as_str()).collect();
    let mut answer = vec![format!(
        "We sent no record about you: no name, number, address or date. We sent totals of families with random noise \
         added, {} so far. They count a family at most once in each of: {}.",
        match statement.releases.len() {
            0 => "none".to_owned(),
            1 => "1 release".to_owned(),
            releases => format!("{releases} releases"),
        },
        streams.join(", ")
    )];
    for release in &statement.releases {
        let what = if release.opening { " (opening position)" } else { "" };
        answer.push(format!(
            "Release {} for {}{what}, sealed {}.",
            release.number, release.quarter, release.sealed_at
        ));
    }
    answer.push(statement.loss.sentence());
    answer.push(
        "This answer is the same for every family, so it does not say whether you are counted; your own records are \
         yours to ask for."
            .to_owned(),
    );
    answer
}

/// What lies outside the guarantee, with what the books know of it.
pub(super) fn outside(statement: &PrivacyStatement) -> Vec<Section> {
    let papers = |kind: &str, words: &str| {
        let own: Vec<String> = statement
            .papers
            .iter()
            .filter(|paper| paper.kind == kind)
            .map(|paper| format!("register entry {} of {}", paper.number, paper.on))
            .collect();
        match own.as_slice() {
            [] => format!("{words}: none is entered."),
            own => format!("{words}: {}.", own.join(", ")),
        }
    };
    let late: Vec<String> = statement
        .releases
        .iter()
        .map(|release| format!("{} at {}", release.quarter, release.sealed_at))
        .collect();
    vec![
        Section {
            heading: "Exact papers of the borough itself",
            paragraphs: vec![
                papers("certificate", "Claim certificates that were opened"),
                papers("payment", "Payments that were made public"),
                papers("freedom-of-information", "Answers to information requests"),
                papers("other", "Other papers"),
                "The node knows only what was entered; which figures and to whom stands in the register.".to_owned(),
            ],
        },
        Section {
            heading: "When releases were approved, and whether",
            paragraphs: vec![
                match late.as_slice() {
                    [] => "Nothing was sealed yet.".to_owned(),
                    late => format!("Sealed: {}.", late.join(", ")),
                },
                "Sealed bytes leave at the policy's instant. That a release came late, was returned or refused by a \
                 person who had looked at exact figures is outside the guarantee; of the reasons only the one word of a void quarter (records, matching, agreement, other) crosses to the region."
                    .to_owned(),
            ],
        },
        Section {
            heading: "What no noise covers",
            paragraphs: vec![
                "Matching: one person's record can change which other records are linked.".to_owned(),
                "Several families together: k of them have k²·ρ. Several boroughs that do not know of each other: k \
                 of them k·ρ."
                    .to_owned(),
                "The node itself: whoever reads its database and keys reads the records.".to_owned(),
            ],
        },
    ]
}
