//! One programme from recorded events to what the region reads: the node's own selection, tally, freeze, grant,
//! draw and signature, without the database between them; and the places where a bug can be planted.
//!
//! Bugs are planted here, in test code, at seams that the library has for other reasons (the noise source, the
//! ledger, the journal given to the selection). The shipped programs contain none.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    convert::Infallible,
};

use tenfold_common::{
    calendar::Quarter,
    privacy::ByCadence,
    protocol::{
        SigningKey,
        release::{RELEASE_TYPE, ReleaseBody, ReleaseId},
        signature,
    },
};
use tenfold_node::{
    ledger::JournalKey,
    release::{
        self, Charge, Drawing, Grant, Ledger, Questions, Tables, True,
        freeze::{FreezeKey, Place},
        noise::{DiscreteGaussian, NoiseError, NoiseSource},
        selection::{self, Merges},
        tally,
    },
};

use super::Setting;

/// Whether the target is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum World {
    /// It is not, or is without the one label.
    Without,
    /// It is.
    With,
}

/// What is planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// Nothing: the program as it is.
    None,
    /// Noise of label tables as if a family moved one label only.
    LabelSensitivity,
    /// Every quarter is drawn and sent twice more, as if after corrections.
    ReRelease,
    /// Each quarter gets the noise of the first.
    NoiseReuse,
    /// Half the noise.
    HalvedNoise,
    /// The journal of counted lines is not asked.
    JournalBypass,
    /// The first label of each set of several is counted with the wrong sign.
    WrongSign,
}

impl Bug {
    /// Every bug.
    pub const ALL: [Self; 6] = [
        Self::LabelSensitivity,
        Self::ReRelease,
        Self::NoiseReuse,
        Self::HalvedNoise,
        Self::JournalBypass,
        Self::WrongSign,
    ];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "as shipped",
            Self::LabelSensitivity => "label sensitivity taken as 1",
            Self::ReRelease => "every quarter released three times",
            Self::NoiseReuse => "noise used again each quarter",
            Self::HalvedNoise => "noise halved",
            Self::JournalBypass => "journal not asked",
            Self::WrongSign => "wrong sign of a label",
        }
    }
}

/// Grants every quarter once and hands the same grant out again when asked, as the node's ledger does.
#[derive(Default)]
struct Book {
    granted: BTreeMap<Quarter, String>,
}

impl Ledger for Book {
    type Error = Infallible;

    fn commit(&mut self, charge: &Charge) -> Result<String, Infallible> {
        let known = self.granted.len();
        Ok(self.granted.entry(charge.quarter).or_insert_with(|| format!("{known:064x}")).clone())
    }
}

/// The program's noise with a bug in it, or without.
struct Planted {
    bug: Bug,
    column_sums: ByCadence<u64>,
    first: RefCell<BTreeMap<(usize, u64), Vec<i64>>>,
}

impl Planted {
    /// By how many labels one family moves a group, from its shift: L2²·S, the S of either cadence.
    fn labels(&self, shift: u64) -> (u64, u64) {
        let ByCadence { quarter, year } = self.column_sums;
        let column_sum = if shift.is_multiple_of(quarter) { quarter } else { year };
        (shift / column_sum, column_sum)
    }
}

impl NoiseSource for Planted {
    fn add(&self, values: &[i64], sigma: u64, shift: u64) -> Result<Vec<i64>, NoiseError> {
        match self.bug {
            Bug::HalvedNoise => DiscreteGaussian.add(values, sigma / 2, shift / 4),
            Bug::LabelSensitivity => {
                let (labels, column_sum) = self.labels(shift);
                let sigma = (sigma as f64 / (labels as f64).sqrt()) as u64;
                DiscreteGaussian.add(values, sigma, column_sum)
            }
            Bug::NoiseReuse => {
                let mut first = self.first.borrow_mut();
                let noise = match first.entry((values.len(), sigma)) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(new) => {
                        new.insert(DiscreteGaussian.add(&vec![0; values.len()], sigma, shift)?)
                    }
                };
                Ok(values.iter().zip(noise).map(|(value, noise)| value + *noise).collect())
            }
            Bug::WrongSign => {
                // Label tables are told by their squared length; the first label stands first in each place.
                let labels = self.labels(shift).0 as usize;
                let wrong = |(at, value): (usize, &i64)| {
                    if labels > 1 && at % labels == 0 { -value } else { *value }
                };
                let values: Vec<i64> = values.iter().enumerate().map(wrong).collect();
                DiscreteGaussian.add(&values, sigma, shift)
            }
            Bug::None | Bug::ReRelease | Bug::JournalBypass => DiscreteGaussian.add(values, sigma, shift),
        }
    }
}

/// Everything that one programme sends, number by number: quarters in order, then what is sent again.
pub(super) fn programme(setting: &Setting, world: World, bug: Bug) -> anyhow::Result<Vec<i64>> {
    let column_sums = setting.policy.policy().column_sums();
    let noise = Planted { bug, column_sums, first: RefCell::default() };
    let history = tables(setting, world, bug)?;
    let (key, mut book) = (SigningKey::generate()?, Book::default());
    let times = if bug == Bug::ReRelease { 3 } else { 1 };
    let mut sent = Vec::new();
    for index in (0..times).flat_map(|_| 0..setting.quarters()) {
        let quarter = setting.quarter(index);
        let streams = setting.policy.policy().streams.iter().map(|stream| stream.name.clone());
        let charge = Charge {
            quarter,
            policy: setting.policy.hash().to_owned(),
            streams: streams.collect(),
            questions: Vec::new(),
            approved_by: "approver".into(),
        };
        let Ok(grant) = release::claim(&mut book, &charge);
        let sealed = seal(setting, &history[..=index], quarter, grant, &noise, &key)?;
        let received: ReleaseBody = signature::open(&sealed, RELEASE_TYPE, &key.public())?;
        sent.extend(received.streams.iter().flat_map(|stream| stream.values.iter().flatten()));
    }
    Ok(sent)
}

fn seal(
    setting: &Setting,
    history: &[True<Tables>],
    quarter: Quarter,
    grant: Grant,
    noise: &Planted,
    key: &SigningKey,
) -> anyhow::Result<String> {
    let (policy, borough) = (&setting.policy, &setting.borough);
    let nothing = tally::together(Vec::new());
    let questions = Questions { asked: &[], tables: &nothing };
    let (drawn, head) =
        release::draw(&Drawing { policy, borough, quarter, history, void: &[], questions }, grant, noise)?;
    let id = ReleaseId { borough: borough.clone(), quarter, number: history.len() as u32 };
    Ok(signature::sign(&drawn.into_body(policy, id, head, "audit"), RELEASE_TYPE, key)?)
}

/// The frozen tables of every quarter, taken out of their seal again.
fn tables(setting: &Setting, world: World, bug: Bug) -> anyhow::Result<Vec<True<Tables>>> {
    let (journal_key, freeze_key) = (JournalKey::from_bytes([5; 32]), FreezeKey::from_bytes([6; 32]));
    let mut journal: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let streams = &setting.policy.policy().streams;
    let mut history = Vec::new();
    for quarter in (0..setting.quarters()).map(|index| setting.quarter(index)) {
        let until = setting.policy.recording_ends(quarter);
        let mut of_quarter = Vec::new();
        for stream in streams {
            let events = setting.events(&stream.name, world);
            let counted = journal.entry(&stream.name).or_default();
            let asked = if bug == Bug::JournalBypass { &BTreeSet::new() } else { &*counted };
            let chosen = selection::countable(&events, &Merges::new(), asked, &journal_key, until);
            counted.extend(chosen.iter().map(|event| journal_key.name(&event.line)));
            let chosen = chosen.iter().map(|event| &event.event);
            of_quarter.push(tally::tally(&setting.policy, &setting.borough, stream, chosen)?);
        }
        let tables = tally::together(of_quarter);
        let place = |at: usize| Place { policy: setting.policy.hash(), stream: &streams[at].name, quarter };
        let frozen = (0..streams.len())
            .map(|at| Ok((place(at), tables.freeze(at, &freeze_key, place(at))?)))
            .collect::<anyhow::Result<Vec<_>>>()?;
        history.push(True::thaw(&frozen, &freeze_key)?);
    }
    Ok(history)
}
