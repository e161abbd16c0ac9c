//! The answers to a one-off question: counts with noise and their exact intervals, added up and never reconciled.

use std::collections::BTreeMap;

use serde::Serialize;
use tenfold_common::{
    calendar::Quarter,
    geography::BoroughCode,
    privacy::{PolicyError, Rho, VerifiedPolicy, VerifiedQuestion, discrete},
    statistics::Shown,
};

use super::{Accepted, AcceptedReleases, Area};

/// A count with noise and half of its 95 % interval: whole numbers, as drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The count with noise; it may be negative.
    pub value: i64,
    /// Half of the interval that holds the truth at least 95 times in 100.
    pub half_width: u64,
}

impl Count {
    /// The sum of cells that each have noise of their own.
    fn sum(cells: impl IntoIterator<Item = i64>, sigma: u64) -> Self {
        let (value, terms) = cells.into_iter().fold((0_i64, 0), |(sum, terms), cell| (sum + cell, terms + 1));
        Self { value, half_width: discrete::half_width(sigma, terms) }
    }

    /// What a reader is shown: nothing below zero, the value inside the interval.
    pub fn display(&self) -> Shown {
        let half = self.half_width as f64;
        let possible = |end: f64| end.max(0.0);
        let value = self.value as f64;
        Shown { value: possible(value), low: possible(value - half), high: possible(value + half) }
    }
}

/// How a borough's answer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It is here.
    Answered,
    /// The release that would hold it has not come.
    Awaited,
    /// The borough did not adopt the question.
    NotAdopted,
    /// The quarter was declared void, and the answer with it.
    Void,
}

impl Standing {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Awaited => "no release yet",
            Self::NotAdopted => "not adopted",
            Self::Void => "void",
        }
    }
}

/// One area's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// GSS code.
    pub area_code: String,
    /// Its name; of a place, its place among the borough's.
    pub area_name: String,
    /// How it stands.
    pub standing: Standing,
    /// A count for each label, in their order; none where there is no answer.
    pub labels: Vec<Count>,
    /// All labels together.
    pub total: Option<Count>,
    /// The same place by place, where the question asks for it: GSS code, or empty for not known or elsewhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<(String, Vec<Count>)>,
}

/// A question and its answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AnsweredQuestion {
    /// Its name.
    pub name: String,
    /// The words readers see.
    pub title: String,
    /// The stream whose families it asks about.
    pub stream: String,
    /// The first quarter of their recording.
    pub from: Quarter,
    /// The last.
    pub to: Quarter,
    /// What readers call the characteristic.
    pub by: &'static str,
    /// Its labels.
    pub labels: Vec<String>,
    /// Scale of the noise on every cell.
    pub sigma: u64,
    /// What every family line pays for it.
    pub cost: Rho,
    /// Hash of the question.
    pub hash: String,
    /// The region, as far as boroughs answered, and then every borough.
    pub answers: Vec<Answer>,
}

impl AnsweredQuestion {
    /// The boroughs whose answers are not in the region's, each with why.
    pub fn without(&self) -> Vec<String> {
        let missing = self.answers.iter().filter(|answer| answer.standing != Standing::Answered);
        missing.map(|answer| format!("{} ({})", answer.area_name, answer.standing.words())).collect()
    }

    /// Whether any borough answered.
    pub fn is_answered(&self) -> bool {
        self.answers.iter().any(|answer| answer.standing == Standing::Answered)
    }
}

/// Puts together what boroughs answered to a question.
///
/// # Errors
/// Where the policy lacks a borough.
pub fn answers(
    question: &VerifiedQuestion,
    policy: &VerifiedPolicy,
    releases: &AcceptedReleases,
) -> Result<AnsweredQuestion, PolicyError> {
    let says = question.question();
    let mut answers = Vec::new();
    let mut region: BTreeMap<usize, Vec<i64>> = BTreeMap::new();
    for borough in policy.policy().boroughs.iter().map(|places| &places.borough) {
        let release = releases.get(borough).and_then(|own| own.iter().find(|one| one.quarter == says.to));
        let values = release.and_then(|release| values(release, question));
        for (label, of_label) in by_label(question, values.unwrap_or_default()).enumerate() {
            region.entry(label).or_default().extend(of_label);
        }
        answers.push(answer(question, policy, borough, release, values)?);
    }
    let labels: Vec<Count> = region.into_values().map(|cells| Count::sum(cells, says.sigma)).collect();
    let all = releases.values().flatten().filter(|release| release.quarter == says.to);
    let all = all.filter_map(|release| values(release, question)).flatten().copied();
    let answered = answers.iter().any(|answer| answer.standing == Standing::Answered);
    let total = Some(Count::sum(all, says.sigma)).filter(|_| answered);
    let whole = Answer {
        area_code: Area::Region.code().to_owned(),
        area_name: Area::Region.name().to_owned(),
        standing: if answered { Standing::Answered } else { Standing::Awaited },
        labels: if answered { labels } else { Vec::new() },
        total,
        places: Vec::new(),
    };
    answers.insert(0, whole);
    Ok(AnsweredQuestion {
        name: says.name.clone(),
        title: says.title.clone(),
        stream: says.stream.clone(),
        from: says.from,
        to: says.to,
        by: says.by.title(),
        labels: says.labels.clone(),
        sigma: says.sigma,
        cost: question.cost(),
        hash: question.hash().to_owned(),
        answers,
    })
}

fn values<'a>(release: &'a Accepted, question: &VerifiedQuestion) -> Option<&'a [i64]> {
    let answer = release.questions.iter().find(|answer| answer.question == question.hash())?;
    Some(&answer.values)
}

/// The cells of each label, over all places.
fn by_label<'a>(question: &VerifiedQuestion, values: &'a [i64]) -> impl Iterator<Item = Vec<i64>> + use<'a> {
    let labels = question.question().labels.len();
    (0..labels).map(move |label| values.iter().copied().skip(label).step_by(labels).collect())
}

fn answer(
    question: &VerifiedQuestion,
    policy: &VerifiedPolicy,
    borough: &BoroughCode,
    release: Option<&Accepted>,
    values: Option<&[i64]>,
) -> Result<Answer, PolicyError> {
    let says = question.question();
    let area = Area::Borough(borough.clone());
    let standing = match (release, values) {
        (None, _) => Standing::Awaited,
        (Some(_), Some(_)) => Standing::Answered,
        (Some(release), None) if release.void.is_some() => Standing::Void,
        (Some(_), None) => Standing::NotAdopted,
    };
    let cells = values.unwrap_or_default();
    let labels = by_label(question, cells).map(|of_label| Count::sum(of_label, says.sigma));
    let codes = policy.wards(borough)?.iter().map(|ward| ward.to_string()).chain([String::new()]);
    let places = codes.zip(cells.chunks(says.labels.len())).map(|(code, of_place)| {
        (code, of_place.iter().map(|&cell| Count::sum([cell], says.sigma)).collect())
    });
    Ok(Answer {
        area_code: area.code().to_owned(),
        area_name: area.name().to_owned(),
        standing,
        labels: if values.is_some() { labels.collect() } else { Vec::new() },
        total: values.map(|values| Count::sum(values.iter().copied(), says.sigma)),
        places: if says.by_place { places.collect() } else { Vec::new() },
    })
}
