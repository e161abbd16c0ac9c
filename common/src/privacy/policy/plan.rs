//! The planner: a default policy from a total ρ, with noise scales from the closed form.

use std::collections::BTreeSet;

use super::{
    ATTACHED, BoroughPlaces, CLOSED, Dates, GroupScale, PROBLEM, PROGRESS, Policy, REASON, REASONS, RESULT,
    RESULT_TYPE, StreamPolicy, WITHDRAWN,
};
use crate::{
    calendar::Quarter,
    geography,
    privacy::{
        Every, LabelKind, LabelSet, Rho, TimeMatrix, Years,
        sigma::{self, Timing, Weights},
    },
    statistics::Comparisons,
};

/// What a default policy is planned from.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What people call it.
    pub name: String,
    /// Whether it is a rehearsal's.
    pub rehearsal: bool,
    /// The first period of the horizon.
    pub first_quarter: Quarter,
    /// Whether that is the opening position.
    pub opening: bool,
    /// The total ρ.
    pub total: Rho,
    /// The framework's name.
    pub framework: String,
    /// The framework's headline problems, in their order.
    pub problems: Vec<String>,
}

impl Policy {
    /// The default policy: shares attached .42, result .36, closed .15, withdrawn .02, reserve .05 of the total.
    /// Weight four on totals. Groups of the borough are released every quarter, those by place once a year.
    pub fn plan(plan: Plan) -> Self {
        let time_matrix = TimeMatrix::shipped();
        let years = Years::of(plan.first_quarter, time_matrix.size(), plan.opening);
        let yearly_matrix = TimeMatrix::yearly(years.count())
            .expect("24 quarters have 6 to 8 years, whatever they begin with: a test tries all");
        let timing = Timing::of(&time_matrix, &yearly_matrix, &years);
        let boroughs: Vec<BoroughPlaces> = geography::boroughs()
            .iter()
            .map(|borough| BoroughPlaces {
                borough: borough.code.clone(),
                wards: borough.wards.iter().map(|ward| ward.code.clone()).collect(),
            })
            .collect();
        let comparisons = Comparisons::pairs_of(boroughs.len());
        let sizes: BTreeSet<usize> = boroughs.iter().map(|places| places.wards.len() + 1).collect();
        let many = |name: &str, labels: &[String], by_place| LabelSet {
            name: name.to_owned(),
            kind: LabelKind::Many,
            labels: labels.to_vec(),
            by_place,
        };
        let percent = |share: u64| Rho::from_nano(plan.total.nano() / 100 * share);
        let stream = |name: &str, title: &str, share: Rho, label_sets: Vec<LabelSet>| {
            let entry = StreamPolicy {
                name: name.to_owned(),
                title: title.to_owned(),
                share,
                by_place: name != WITHDRAWN,
                places_every: if name == WITHDRAWN { Every::Quarter } else { Every::Year },
                label_sets,
                scales: Vec::new(),
            };
            entry.with_scales(&sizes, &timing)
        };
        let streams = vec![
            stream(ATTACHED, "Families attached", percent(42), vec![many(PROBLEM, &plan.problems, true)]),
            stream(
                RESULT,
                "Results recorded",
                percent(36),
                vec![many(RESULT_TYPE, &[PROGRESS.to_owned()], true), many(PROBLEM, &plan.problems, false)],
            ),
            stream(
                CLOSED,
                "Families closed",
                percent(15),
                vec![LabelSet {
                    name: REASON.to_owned(),
                    kind: LabelKind::One,
                    labels: REASONS.map(str::to_owned).to_vec(),
                    by_place: false,
                }],
            ),
            stream(WITHDRAWN, "Results withdrawn", percent(2), Vec::new()),
        ];
        Self {
            format: "tenfold-policy/1".to_owned(),
            name: plan.name,
            rehearsal: plan.rehearsal,
            framework: plan.framework,
            first_quarter: plan.first_quarter,
            opening: plan.opening,
            succeeds: None,
            delta: "0.000001".to_owned(),
            total: plan.total,
            reserve: percent(5),
            boundary_set: geography::BOUNDARY_SET.to_owned(),
            boroughs,
            time_matrix,
            yearly_matrix,
            yearly_matrix_provenance:
                "certified optimum for weights single years 0.5, running totals 0.5, final \
                                       0.12, rounded to 12 bits; docs/PRIVACY.md"
                    .to_owned(),
            time_matrix_provenance: "certified optimum for weights quarterly 0.5, yearly 0.06, final 0.12, \
                                     rounded to 12 bits; docs/PRIVACY.md"
                .to_owned(),
            comparisons: Some(comparisons),
            dates: Dates { recording_ends_after_days: 28, deliver_after_days: 35, due_after_days: 42 },
            streams,
        }
    }
}

impl StreamPolicy {
    /// The same entry with the noise scales that its share pays for, weight four on totals: all that a new stream
    /// needs.
    pub fn with_scales(self, sizes: &BTreeSet<usize>, timing: &Timing) -> Self {
        let scale = |&places: &usize| {
            let shape = self.shape(places);
            let weights = Weights::headline_totals(&shape);
            GroupScale { places, sigma: sigma::scales(&shape, &weights, self.share, timing) }
        };
        Self { scales: sizes.iter().map(scale).collect(), ..self }
    }
}
