//! A release is accepted once and receipted: the pure checks, in the order in which they are told.

pub mod allowance;
pub mod expected;
pub mod limits;

use tenfold_common::{
    calendar::Quarter,
    geography::BoroughCode,
    privacy::{Succession, VerifiedPolicy, VerifiedQuestion},
    protocol::{
        ProblemKind, PublicKey, ReleaseBody,
        release::{RELEASE_FORMAT, RELEASE_TYPE},
        signature::{self, SignatureError},
        versions,
    },
};

/// The largest release that is read, in bytes; the largest policy needs a twentieth of it.
pub const LARGEST_RELEASE: usize = 1 << 20;

/// Why a release is refused: the kind the borough is told, and a sentence for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Refusal {
    /// The kind.
    pub kind: ProblemKind,
    /// What was expected and what came; never a value.
    pub detail: String,
}

impl Refusal {
    /// A refusal of a kind with its sentence.
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }
}

/// Who speaks, and what is known of them.
#[derive(Clone, Copy, Debug)]
pub struct Speaker<'a> {
    /// The borough the verified node certificate names.
    pub borough: &'a BoroughCode,
    /// The key it enrolled to sign releases with.
    pub release_key: &'a PublicKey,
    /// Its newest release here: number and quarter.
    pub newest: Option<(u32, Quarter)>,
    /// The quarter of its first release.
    pub first: Quarter,
}

/// Reads a signed release and checks all that can be checked without the values' meaning.
///
/// # Privacy
/// Nothing here depends on the values; a check on values could make a refusal a second release.
///
/// # Errors
/// The first reason for refusal.
pub fn read(text: &str, speaker: Speaker<'_>, policies: &Succession) -> Result<ReleaseBody, Refusal> {
    let refuse = |kind, detail: String| Err(Refusal::new(kind, detail));
    if text.len() > LARGEST_RELEASE {
        return refuse(
            ProblemKind::TooLarge,
            format!("{} bytes came, expected at most {LARGEST_RELEASE}", text.len()),
        );
    }
    let body: ReleaseBody =
        signature::open(text, RELEASE_TYPE, speaker.release_key).map_err(|error| match error {
            SignatureError::Header { .. } | SignatureError::Wrong { .. } => {
                Refusal::new(ProblemKind::BadSignature, error.to_string())
            }
            other => match versions::RELEASE.refusal(text) {
                Some(told) => Refusal::new(ProblemKind::UnsupportedVersion, told),
                None => Refusal::new(ProblemKind::Malformed, other.to_string()),
            },
        })?;
    if body.format != RELEASE_FORMAT {
        let told = versions::RELEASE.refusal(text);
        let kind = if told.is_some() { ProblemKind::UnsupportedVersion } else { ProblemKind::Malformed };
        return refuse(kind, told.unwrap_or_else(|| format!("expected the format {RELEASE_FORMAT}")));
    }
    if &body.id.borough != speaker.borough {
        return refuse(
            ProblemKind::WrongBorough,
            format!("the certificate names {}, the release {}", speaker.borough, body.id.borough),
        );
    }
    let quarter = body.id.quarter;
    let policy = policies.nearest(quarter).clone().joined_with(speaker.first);
    if body.policy != policy.hash() || body.rehearsal != policy.policy().rehearsal {
        let (name, hash) = (&policy.policy().name, policy.hash());
        return refuse(
            ProblemKind::WrongPolicy,
            format!("{quarter} is released under {name:?} with hash {hash}: adopt it"),
        );
    }
    check_shape(&body, &policy)?;
    Ok(body)
}

/// Whether a release that is not yet kept is the next of its borough.
///
/// # Errors
/// `out-of-order` naming the quarter and number expected.
pub fn is_next(body: &ReleaseBody, speaker: Speaker<'_>) -> Result<(), Refusal> {
    let (number, quarter) =
        speaker.newest.map_or((1, speaker.first), |(number, quarter)| (number + 1, quarter.next()));
    if (body.id.number, body.id.quarter) == (number, quarter) {
        return Ok(());
    }
    Err(Refusal::new(
        ProblemKind::OutOfOrder,
        format!(
            "expected release {number} for {quarter}, release {} for {} came",
            body.id.number, body.id.quarter
        ),
    ))
}

/// Whether a release answers questions of its quarter only, each once and with the cells it asks for.
///
/// # Errors
/// `wrong-shape` naming the question.
pub fn answers_fit(
    body: &ReleaseBody,
    policies: &Succession,
    questions: &[VerifiedQuestion],
) -> Result<(), Refusal> {
    let refuse = |detail: String| Refusal::new(ProblemKind::WrongShape, detail);
    if body.void.is_some() && !body.questions.is_empty() {
        return Err(refuse("a void quarter answers nothing".to_owned()));
    }
    if !body.questions.is_sorted_by(|one, other| one.name < other.name) {
        return Err(refuse("expected the questions in the order of their names, each once".to_owned()));
    }
    let policy = policies.nearest(body.id.quarter);
    for answer in &body.questions {
        let name = &answer.name;
        let asked = questions
            .iter()
            .find(|asked| asked.hash() == answer.question && asked.question().name == *name)
            .filter(|asked| {
                (asked.question().to, asked.question().policy.as_str()) == (body.id.quarter, policy.hash())
            })
            .ok_or_else(|| refuse(format!("{name:?} is no question of {}", body.id.quarter)))?;
        let cells = asked.cells(policy, &body.id.borough).map_err(|error| refuse(error.to_string()))?;
        if answer.values.len() != cells {
            return Err(refuse(format!("question {name:?} has {cells} cells for this borough")));
        }
    }
    Ok(())
}

fn check_shape(body: &ReleaseBody, policy: &VerifiedPolicy) -> Result<(), Refusal> {
    let refuse = |detail: String| Refusal::new(ProblemKind::WrongShape, detail);
    policy.quarter_index(body.id.quarter).map_err(|error| refuse(error.to_string()))?;
    if body.void.is_some() {
        return match (policy.is_opening(body.id.quarter), body.streams.as_slice()) {
            (false, []) => Ok(()),
            (true, _) => Err(refuse("the opening position cannot be void".to_owned())),
            (false, _) => Err(refuse("a void quarter has no streams".to_owned())),
        };
    }
    let places = policy.places(&body.id.borough).map_err(|error| refuse(error.to_string()))?;
    let ends_year = policy.ends_year(body.id.quarter).map_err(|error| refuse(error.to_string()))?;
    let expected: Vec<&str> = policy.policy().streams.iter().map(|stream| stream.name.as_str()).collect();
    let found: Vec<&str> = body.streams.iter().map(|stream| stream.stream.as_str()).collect();
    if found != expected {
        return Err(refuse(format!("expected the streams {}", expected.join(", "))));
    }
    for (stream, release) in policy.policy().streams.iter().zip(&body.streams) {
        if !stream.shape(places).fits_release(&release.values, ends_year) {
            let years = if ends_year { "of a quarter that ends a year" } else { "within a year" };
            return Err(refuse(format!(
                "stream {} does not have the groups and cells expected {years}",
                stream.name
            )));
        }
    }
    Ok(())
}
