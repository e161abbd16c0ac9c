//! The annex for a data-protection impact assessment: singling out, linkability, inference, the motivated intruder.

use tenfold_common::privacy::Rho;

use super::{PrivacyStatement, Section};

/// The four questions with their answers.
pub(super) fn annex(statement: &PrivacyStatement) -> Vec<Section> {
    let loss = &statement.loss;
    let streams: Vec<String> =
        loss.streams.iter().map(|charge| format!("ρ = {} for {}", charge.rho, charge.stream)).collect();
    let most = loss.charged.max(loss.policy_total);
    let rightly = |times: u64| {
        let of_group = Rho::from_nano(most.nano().saturating_mul(times));
        format!("{:.0}", 100.0 * of_group.detection(loss.wrongly_in_100 / 100.0))
    };
    vec![
        Section {
            heading: "Singling out",
            paragraphs: vec![
                "No record, identifier or exact count is sent to the region: a release has no field for one. What is \
                 sent are totals, by label and by place, each with random noise drawn once."
                    .to_owned(),
                format!(
                    "Whether one family line is in the register changes all that is ever sent by at most ρ = {} in \
                     zero-concentrated differential privacy: {}. The borough's own cap is {}, and no message from \
                     the region raises it.",
                    loss.charged,
                    streams.join(", "),
                    loss.cap
                ),
            ],
        },
        Section {
            heading: "Linkability",
            paragraphs: vec![
                format!(
                    "Releases of several quarters and streams are about the same families, so they are counted \
                     together: the sum above is over all streams and the whole horizon, {} to {}. A line is counted \
                     at most once in each stream, whatever was merged with it.",
                    statement.period().0,
                    statement.period().1
                ),
                format!(
                    "Where that fails the loss is greater: a family that two boroughs count without knowing of each \
                     other is rightly picked {} times in 100, one that stands as two lines in this register {} \
                     times, by the measure below.",
                    rightly(2),
                    rightly(4)
                ),
            ],
        },
        Section {
            heading: "Inference",
            paragraphs: vec![format!(
                "Whatever is concluded about a family from these figures would be concluded almost as surely had its \
                 records never been in the register: the chance of any conclusion changes by a factor of at most \
                 e^ε with ε below {:.2}, but for a probability of δ = {}. What the figures say about families in \
                 general can still be applied to one; that is what they are for.",
                loss.epsilon, loss.delta
            )],
        },
        Section {
            heading: "The motivated intruder",
            paragraphs: vec![
                format!(
                    "Suppose somebody knows every other family and all that this one would add, keeps every release \
                     to the end of the horizon, and does the best that can be done. {} This follows the exact curve \
                     of this noise at ρ = {}, the greater of what is charged and what the policy in force may charge.",
                    loss.sentence(),
                    most
                ),
                match statement.papers.len() {
                    0 => "No exact paper is entered in the disclosure register.".to_owned(),
                    1 => "1 exact paper is entered in the disclosure register; who holds it knows its figures \
                          exactly."
                        .to_owned(),
                    papers => format!(
                        "{papers} exact papers are entered in the disclosure register; who holds them knows their \
                         figures exactly."
                    ),
                },
            ],
        },
    ]
}
