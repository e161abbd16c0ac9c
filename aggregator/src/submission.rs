//! The national return, first depth: one quarter, a row for each borough, checks, and files.
//!
//! Every figure is an estimate from the boroughs' noised releases; the files say so. Exact counts are in the
//! boroughs' own claim certificates and nowhere else.

mod checks;
mod files;
mod row;

use std::collections::BTreeMap;

use tenfold_common::{calendar::Quarter, clock::Moment, geography::BoroughCode};

use crate::{
    combine::{Area, CombineError},
    dashboard::Picture,
};

pub use checks::{Check, Outcome};
pub use row::{Amounts, ReturnRow, ShownAmounts};

/// What people wrote about boroughs that are late or missing, by borough.
pub type Explanations = BTreeMap<BoroughCode, String>;

/// Why a return cannot be made.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum ReturnError {
    /// The quarter is not one to report on yet.
    #[error("there is no return for {quarter} yet, expected a quarter from {first} to {last}")]
    NoQuarter {
        /// The quarter asked for.
        quarter: Quarter,
        /// The first quarter of the horizon.
        first: Quarter,
        /// The last quarter of which anything is to be said.
        last: Quarter,
    },
    /// Nothing was released yet and no recording period is over.
    #[error(
        "there is no return yet, expected the first recording period to be over or a release to be there"
    )]
    Nothing,
    /// The figures cannot be read.
    #[error(transparent)]
    Combine(#[from] CombineError),
}

/// The return of one quarter.
#[derive(Clone, Debug)]
pub struct Return {
    /// The quarter reported on.
    pub quarter: Quarter,
    /// Whether that is the opening position, which is no quarter's activity.
    pub opening: bool,
    /// When the picture was taken on which it rests.
    pub as_at: Moment,
    /// Hash of the policy under which the boroughs released.
    pub policy: String,
    /// Whether it is a rehearsal.
    pub rehearsal: bool,
    /// The boroughs in alphabetical order.
    pub boroughs: Vec<ReturnRow>,
    /// The region: the sum of what the boroughs released.
    pub region: ReturnRow,
}

impl Return {
    /// The return of a quarter, made of a picture and of what people explained.
    ///
    /// # Errors
    /// Where the quarter is not one to report on, or the picture's policy lacks the streams of a return.
    pub fn from(
        picture: &Picture,
        quarter: Quarter,
        explanations: &Explanations,
    ) -> Result<Self, ReturnError> {
        let index = reported(picture, quarter)?;
        let row = |area: Area| ReturnRow::of(picture, area, index, explanations);
        let boroughs = picture
            .boroughs()
            .into_iter()
            .map(|borough| row(Area::Borough(borough)));
        Ok(Self {
            quarter,
            opening: index == 0,
            as_at: picture.as_at(),
            policy: picture.policy().hash().to_owned(),
            rehearsal: picture.policy().policy().rehearsal,
            boroughs: boroughs.collect::<Result<_, _>>()?,
            region: row(Area::Region)?,
        })
    }

    /// The quarter that a reader most likely wants: the latest that any borough released, or else the first.
    ///
    /// # Errors
    /// Before there is anything to report on.
    pub fn latest_quarter(picture: &Picture) -> Result<Quarter, ReturnError> {
        match picture.latest() {
            Some(latest) => Ok(picture.quarter(latest)),
            None if picture.quarters() > 0 => Ok(picture.quarter(0)),
            None => Err(ReturnError::Nothing),
        }
    }

    /// Every check with its outcome, in a fixed order.
    pub fn checks(&self) -> Vec<Check> {
        checks::checks(self)
    }

    /// The return as CSV; the same bytes whenever it is made from the same releases and explanations.
    pub fn csv(&self) -> Vec<u8> {
        files::csv(self)
    }

    /// What the columns mean, as CSV on the Web metadata.
    pub fn metadata(&self) -> Vec<u8> {
        files::metadata(self)
    }

    /// The name of the CSV file; its metadata is named after it with `-metadata.json`.
    pub fn file_name(&self) -> String {
        format!("tenfold-return-{}.csv", self.quarter)
    }

    /// All rows, the boroughs first.
    pub fn rows(&self) -> impl Iterator<Item = &ReturnRow> {
        self.boroughs.iter().chain([&self.region])
    }
}

fn reported(picture: &Picture, quarter: Quarter) -> Result<usize, ReturnError> {
    let last = picture.quarters().checked_sub(1).ok_or(ReturnError::Nothing)?;
    let index = usize::try_from(quarter.quarters_since(picture.quarter(0))).ok();
    index
        .filter(|&index| index <= last)
        .ok_or(ReturnError::NoQuarter {
            quarter,
            first: picture.quarter(0),
            last: picture.quarter(last),
        })
}
